import django.db.models.deletion
import django.db.models.functions.text
import uuid
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
        ('newsroom', '0001_initial'),
        ('sessions', '0001_initial'),
    ]

    operations = [
        migrations.CreateModel(
            name='Member',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('user', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='member', to=settings.AUTH_USER_MODEL, verbose_name='user')),
                ('recipient', models.CharField(max_length=80, unique=True)),
                ('wrapped', models.JSONField(default=dict)),
                ('since', models.DateField(auto_now_add=True, verbose_name='since')),
                ('granted', models.DateField(help_text='Since when the ring opens for them; empty while they wait.', null=True)),
            ],
            options={
                'verbose_name': 'keyholder',
                'verbose_name_plural': 'keyholders',
                'permissions': [('run_desk', 'Can grant and revoke access to the desk')],
            },
        ),
        migrations.CreateModel(
            name='RingMark',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('version', models.PositiveIntegerField(unique=True)),
                ('digest', models.CharField(max_length=64)),
                ('key_index', models.PositiveIntegerField(default=1)),
                ('written', models.DateField(auto_now_add=True)),
            ],
        ),
        migrations.CreateModel(
            name='Notice',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('urgent', 'urgent'), ('weekly', "the record's mark")], default='urgent', max_length=10)),
                ('due_at', models.DateTimeField()),
                ('sent_at', models.DateTimeField(null=True)),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('kind', 'due_at'), name='one_notice_at_a_time')],
            },
        ),
        migrations.CreateModel(
            name='Label',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(help_text='Stands in clear: a kind of thing, never a person, place or number.', max_length=30, verbose_name='name')),
                ('retired', models.BooleanField(default=False, help_text='Tips that have it keep it; no other tip is given it.', verbose_name='no longer offered')),
            ],
            options={
                'verbose_name': 'label',
                'verbose_name_plural': 'labels',
                'ordering': ['name'],
                'constraints': [models.UniqueConstraint(django.db.models.functions.text.Lower('name'), name='label_once', violation_error_message='There is a label of this name already.')],
            },
        ),
        migrations.CreateModel(
            name='Tip',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('reference', models.CharField(editable=False, max_length=9, verbose_name='reference')),
                ('lookup', models.CharField(editable=False, max_length=64)),
                ('received', models.DateField(help_text="The day until the tip is opened; then its week's Monday.", verbose_name='received')),
                ('status', models.CharField(choices=[('new', 'New'), ('reading', 'Being read'), ('needs_more', 'Needs more'), ('linked', 'Part of an enquiry'), ('passed_on', 'Passed to the police'), ('no_action', 'No action now'), ('not_for_us', 'Not for us'), ('malicious', 'Possibly malicious'), ('spam', 'Spam')], default='new', max_length=12, verbose_name='status')),
                ('urgent', models.BooleanField(default=False, verbose_name='urgent')),
                ('unread', models.BooleanField(default=True, editable=False, help_text='Something in it has not been read yet.')),
                ('answered', models.BooleanField(default=False, editable=False, help_text='The sender has answered since the desk last asked.')),
                ('burned', models.PositiveIntegerField(editable=False, help_text='How much had come under the receipt when its sender burned it.', null=True)),
                ('acknowledged_by', models.CharField(blank=True, editable=False, max_length=150)),
                ('acknowledged_at', models.DateTimeField(blank=True, editable=False, null=True)),
                ('assignee', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='assigned_tips', to=settings.AUTH_USER_MODEL, verbose_name='assigned to')),
                ('opened', models.BooleanField(default=False, editable=False)),
                ('digested', models.BooleanField(default=False, editable=False, help_text='All that is opened can be searched.')),
                ('category', models.CharField(blank=True, editable=False, max_length=16, verbose_name='kind')),
                ('area', models.CharField(blank=True, editable=False, max_length=60, verbose_name='area')),
                ('appeal', models.CharField(blank=True, editable=False, max_length=120, verbose_name='appeal')),
                ('decided', models.DateField(blank=True, editable=False, help_text='Monday of the week of decision.', null=True)),
                ('confirmed', models.DateField(blank=True, editable=False, help_text='Monday of the week in which the police said they have it.', null=True)),
                ('reviewed', models.DateField(blank=True, editable=False, help_text='When a lead last said that it is still needed.', null=True)),
                ('rank', models.GeneratedField(db_persist=True, expression=models.Case(models.When(status='spam', then=models.Value(0)), models.When(acknowledged_at=None, then=models.Value(2), urgent=True), models.When(then=models.Value(1), unread=True), default=models.Value(0)), help_text='2 urgent and not acknowledged, 1 unread, 0 the rest and spam.', output_field=models.SmallIntegerField())),
                ('labels', models.ManyToManyField(editable=False, related_name='tips', to='reports.label', verbose_name='labels')),
            ],
            options={
                'verbose_name': 'tip',
                'verbose_name_plural': 'tips',
                'permissions': [('view_figures', 'Can see how the desk is doing, in figures'), ('read_tip', 'Can read opened tips'), ('triage_tip', 'Can assign, move and note tips'), ('reveal_contact', "Can see a tipster's contact details")],
                'indexes': [models.Index(fields=['status', 'rank', 'received', 'reference'], name='tip_by_status'), models.Index(fields=['category', 'rank', 'received', 'reference'], name='tip_by_category'), models.Index(fields=['area', 'rank', 'received', 'reference'], name='tip_by_area'), models.Index(condition=models.Q(('appeal__gt', '')), fields=['appeal', 'rank', 'received', 'reference'], name='tip_by_appeal'), models.Index(fields=['rank', 'received', 'reference'], name='tip_by_rank'), models.Index(condition=models.Q(('decided', None)), fields=['assignee', 'rank', 'received', 'reference'], name='tip_undecided'), models.Index(condition=models.Q(('unread', True)), fields=['rank', 'received', 'reference'], name='tip_unread'), models.Index(condition=models.Q(('answered', True), ('unread', True)), fields=['answered', 'rank', 'received', 'reference'], name='tip_answered'), models.Index(condition=models.Q(('decided__isnull', False)), fields=['status', 'decided'], name='tip_by_decision'), models.Index(condition=models.Q(('confirmed__isnull', False)), fields=['status', 'confirmed'], name='tip_by_confirmation'), models.Index(fields=['status', '-received'], name='reports_tip_status_9b0f3b_idx'), models.Index(condition=models.Q(('digested', False), ('opened', True)), fields=['id'], name='tip_not_searchable_yet')],
                'constraints': [models.UniqueConstraint(fields=('reference',), name='tip_reference_unique'), models.UniqueConstraint(fields=('lookup',), name='tip_lookup_unique'), models.CheckConstraint(condition=models.Q(('status__in', ['new', 'reading', 'needs_more', 'linked', 'passed_on', 'no_action', 'not_for_us', 'malicious', 'spam'])), name='tip_status_known', violation_error_message='That status does not exist.'), models.CheckConstraint(condition=models.Q(('opened', True), models.Q(('appeal', ''), ('area', ''), ('category', '')), _connector='OR'), name='tip_sealed_says_nothing', violation_error_message='A tip that has not been opened has no known kind, area or appeal.')],
            },
        ),
        migrations.CreateModel(
            name='Entry',
            fields=[
                ('id', models.UUIDField(editable=False, primary_key=True, serialize=False)),
                ('tip', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='entries', to='reports.tip')),
                ('tag', models.CharField(max_length=32)),
                ('position', models.PositiveIntegerField(default=1, help_text='1 for what was drained first under this receipt.')),
                ('received', models.DateField()),
                ('key_index', models.PositiveIntegerField()),
                ('sealed', models.BinaryField()),
                ('opened', models.BooleanField(default=False)),
                ('broken', models.BooleanField(default=False, help_text="It did not open with the desk's keys when last tried.")),
            ],
            options={
                'verbose_name': 'entry',
                'verbose_name_plural': 'entries',
                'ordering': ['position', 'id'],
                'indexes': [models.Index(condition=models.Q(('opened', False)), fields=['broken', 'tip', 'position'], name='entry_to_open')],
                'constraints': [models.UniqueConstraint(fields=('tip', 'tag'), name='entry_once_per_content', violation_error_message='This content has already been received.')],
            },
        ),
        migrations.CreateModel(
            name='Note',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('tip', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='notes', to='reports.tip')),
                ('author', models.CharField(max_length=150)),
                ('written', models.DateTimeField(auto_now_add=True)),
                ('key_index', models.PositiveIntegerField()),
                ('sealed', models.BinaryField()),
            ],
            options={
                'verbose_name': 'note',
                'verbose_name_plural': 'notes',
                'ordering': ['written', 'id'],
            },
        ),
        migrations.CreateModel(
            name='Hold',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('since', models.DateField(auto_now_add=True, verbose_name='since')),
                ('key_index', models.PositiveIntegerField()),
                ('sealed', models.BinaryField()),
                ('tip', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='hold', to='reports.tip')),
                ('author', models.CharField(max_length=150)),
            ],
            options={
                'verbose_name': 'legal hold',
                'verbose_name_plural': 'legal holds',
                'ordering': ['since', 'id'],
            },
        ),
        migrations.CreateModel(
            name='Recusal',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('since', models.DateField(auto_now_add=True, verbose_name='since')),
                ('key_index', models.PositiveIntegerField()),
                ('sealed', models.BinaryField()),
                ('tip', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='recusals', to='reports.tip')),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='recusals', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'verbose_name': 'recusal',
                'verbose_name_plural': 'recusals',
                'ordering': ['since', 'id'],
                'constraints': [models.UniqueConstraint(fields=('tip', 'user'), name='recusal_once', violation_error_message='This tip is already hidden from them.')],
            },
        ),
        migrations.CreateModel(
            name='Deletions',
            fields=[
                ('month', models.DateField(help_text='Its first day.', primary_key=True, serialize=False)),
                ('count', models.PositiveIntegerField(default=0)),
            ],
        ),
        migrations.CreateModel(
            name='Segment',
            fields=[
                ('number', models.BigAutoField(primary_key=True, serialize=False)),
                ('count', models.PositiveIntegerField()),
                ('key_index', models.PositiveIntegerField()),
                ('sealed', models.BinaryField()),
                ('texts', models.BinaryField()),
            ],
            options={
                'ordering': ['-number'],
            },
        ),
        migrations.CreateModel(
            name='Digest',
            fields=[
                ('tip', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name='digest', serialize=False, to='reports.tip')),
                ('segment', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='digests', to='reports.segment')),
                ('key_index', models.PositiveIntegerField()),
                ('sealed', models.BinaryField()),
            ],
            options={
                'indexes': [models.Index(fields=['segment', 'tip'], name='reports_dig_segment_72185e_idx')],
            },
        ),
        migrations.CreateModel(
            name='Search',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('since', models.DateField(auto_now_add=True, verbose_name='since')),
                ('key_index', models.PositiveIntegerField()),
                ('sealed', models.BinaryField()),
                ('author', models.CharField(max_length=150)),
                ('at', models.DateTimeField(auto_now_add=True)),
            ],
            options={
                'verbose_name': 'search',
                'verbose_name_plural': 'searches',
                'ordering': ['-at', 'id'],
                'indexes': [models.Index(fields=['-at'], name='reports_sea_at_a37b82_idx')],
            },
        ),
        migrations.CreateModel(
            name='UrgentCall',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('since', models.DateField(auto_now_add=True, verbose_name='since')),
                ('key_index', models.PositiveIntegerField()),
                ('sealed', models.BinaryField()),
                ('tip', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='urgent_calls', to='reports.tip')),
                ('author', models.CharField(max_length=150)),
                ('reviewed_by', models.CharField(blank=True, max_length=150)),
                ('reviewed_on', models.DateField(null=True)),
            ],
            options={
                'verbose_name': 'urgent call',
                'verbose_name_plural': 'urgent calls',
                'ordering': ['since', 'id'],
                'indexes': [models.Index(condition=models.Q(('reviewed_on', None)), fields=['since'], name='urgent_call_waiting')],
                'constraints': [models.CheckConstraint(condition=models.Q(('reviewed_by', models.F('author')), _negated=True), name='urgent_call_second_person', violation_error_message='A second person looks at it, never the one who called.')],
            },
        ),
        migrations.CreateModel(
            name='Enquiry',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('codename', models.CharField(max_length=40, verbose_name='codename')),
                ('status', models.CharField(choices=[('open', 'Open'), ('paused', 'Paused'), ('closed', 'Closed')], default='open', max_length=8, verbose_name='status')),
                ('week', models.DateField(help_text='Monday of the week in which it was opened.', verbose_name='opened')),
                ('closed', models.DateField(help_text='Monday of the week in which it was closed.', null=True)),
                ('version', models.PositiveIntegerField(default=1, help_text='Of the summary: how many times it was written.')),
                ('key_index', models.PositiveIntegerField()),
                ('sealed', models.BinaryField()),
                ('article', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='newsroom.article', verbose_name='the story that tells it')),
                ('people', models.ManyToManyField(related_name='enquiries', to=settings.AUTH_USER_MODEL, verbose_name='people on it')),
            ],
            options={
                'verbose_name': 'enquiry',
                'verbose_name_plural': 'enquiries',
                'constraints': [models.UniqueConstraint(fields=('codename',), name='enquiry_codename_once', violation_error_message='Another enquiry has this codename. Choose another.'), models.CheckConstraint(condition=models.Q(('status__in', ['open', 'paused', 'closed'])), name='enquiry_status_known', violation_error_message='That status does not exist.'), models.CheckConstraint(condition=models.Q(models.Q(('closed__isnull', False), ('status', 'closed')), models.Q(models.Q(('status', 'closed'), _negated=True), ('closed', None)), _connector='OR'), name='enquiry_closed_has_week', violation_error_message='A closed enquiry, and no other, has the week in which it was closed.')],
            },
        ),
        migrations.CreateModel(
            name='Link',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('tip', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='links', to='reports.tip')),
                ('enquiry', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='links', to='reports.enquiry')),
                ('week', models.DateField(help_text='Monday of the week in which it was linked.')),
                ('ended', models.DateField(help_text='Monday of the week in which the link was taken back.', null=True)),
            ],
            options={
                'verbose_name': 'link',
                'verbose_name_plural': 'links',
                'ordering': ['week', 'pk'],
                'constraints': [models.UniqueConstraint(fields=('tip', 'enquiry'), name='link_once', violation_error_message='This tip is linked to that enquiry already.')],
            },
        ),
        migrations.CreateModel(
            name='Tally',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('quarter', models.DateField(help_text='Its first day.')),
                ('measure', models.CharField(max_length=12)),
                ('table', models.CharField(max_length=12)),
                ('cell', models.CharField(max_length=60)),
                ('count', models.PositiveIntegerField(default=0)),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('quarter', 'measure', 'table', 'cell'), name='tally_once', violation_error_message='This cell is counted already.')],
            },
        ),
        migrations.CreateModel(
            name='FiguresRelease',
            fields=[
                ('quarter', models.DateField(help_text='Its first day.', primary_key=True, serialize=False)),
                ('released', models.DateField()),
                ('figures', models.JSONField(help_text="By measure: the total, and each table's cells; null is not shown.")),
            ],
            options={
                'ordering': ['-quarter'],
                'constraints': [models.CheckConstraint(condition=models.Q(('released__gt', models.F('quarter'))), name='figures_after_their_quarter', violation_error_message="A quarter's figures come after its end.")],
            },
        ),
        migrations.CreateModel(
            name='Grading',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('since', models.DateField(auto_now_add=True, verbose_name='since')),
                ('key_index', models.PositiveIntegerField()),
                ('sealed', models.BinaryField()),
                ('tip', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='%(class)s_versions', to='reports.tip')),
                ('version', models.PositiveIntegerField(help_text='1 for the first, without a gap.')),
                ('author', models.CharField(max_length=150)),
            ],
            options={
                'verbose_name': 'suggested grading',
                'verbose_name_plural': 'suggested gradings',
                'ordering': ['version'],
                'permissions': [('hand_over', 'Can grade tips, and sign and export what goes to the police')],
                'abstract': False,
                'constraints': [models.UniqueConstraint(fields=('tip', 'version'), name='grading_version_once', violation_error_message='A colleague has saved this version meanwhile.')],
            },
        ),
        migrations.CreateModel(
            name='Sanitised',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('since', models.DateField(auto_now_add=True, verbose_name='since')),
                ('key_index', models.PositiveIntegerField()),
                ('sealed', models.BinaryField()),
                ('tip', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='%(class)s_versions', to='reports.tip')),
                ('version', models.PositiveIntegerField(help_text='1 for the first, without a gap.')),
                ('author', models.CharField(max_length=150)),
            ],
            options={
                'verbose_name': 'sanitised text',
                'verbose_name_plural': 'sanitised texts',
                'ordering': ['version'],
                'abstract': False,
                'constraints': [models.UniqueConstraint(fields=('tip', 'version'), name='sanitised_version_once', violation_error_message='A colleague has saved this version meanwhile.')],
            },
        ),
        migrations.CreateModel(
            name='ReplyTemplate',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('title', models.CharField(max_length=60, unique=True, verbose_name='title')),
                ('text', models.TextField(help_text='Plain words. Stands in clear: nothing of any tip goes in here.', max_length=2000, verbose_name='text')),
            ],
            options={
                'verbose_name': 'reply to start from',
                'verbose_name_plural': 'replies to start from',
                'ordering': ['title'],
            },
        ),
        migrations.CreateModel(
            name='Message',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('tip', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='messages', to='reports.tip')),
                ('author', models.CharField(max_length=150)),
                ('number', models.PositiveIntegerField(help_text='1 for the first to this sender.')),
                ('asks', models.BooleanField(help_text='It is a question.')),
                ('week', models.DateField(help_text='Monday of the week in which it was written.')),
                ('seen', models.DateField(help_text='Monday of the week in which the sender first saw it.', null=True)),
                ('key_index', models.PositiveIntegerField()),
                ('sealed', models.BinaryField()),
                ('for_sender', models.BinaryField(help_text='Empty once the sender has deleted it or burned the words.', null=True)),
            ],
            options={
                'verbose_name': 'message',
                'verbose_name_plural': 'messages',
                'ordering': ['number'],
                'constraints': [models.UniqueConstraint(fields=('tip', 'number'), name='message_once_per_number', violation_error_message='A message with this number has been sent already.')],
            },
        ),
        migrations.CreateModel(
            name='Outcome',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('enquiry', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='outcomes', to='reports.enquiry', verbose_name='enquiry')),
                ('article', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='newsroom.article', verbose_name='story')),
                ('sentence', models.CharField(max_length=300, verbose_name='sentence')),
                ('status', models.CharField(choices=[('proposed', 'Proposed'), ('half_signed', 'Signed once'), ('signed', 'Signed, waits for the daily release'), ('released', 'Released'), ('withdrawn', 'Withdrawn')], default='proposed', max_length=12, verbose_name='status')),
                ('proposer', models.CharField(max_length=150, verbose_name='proposed by')),
                ('editor', models.CharField(blank=True, max_length=150, verbose_name='signed as an editor')),
                ('lead', models.CharField(blank=True, max_length=150, verbose_name='signed as a lead')),
                ('countersigned', models.CharField(blank=True, help_text="Which of the two signatures is a countersigner's.", max_length=8)),
                ('signed_on', models.DateField(help_text='The day of the newest signature.', null=True)),
                ('released', models.DateField(help_text='The day of its release.', null=True)),
                ('purged', models.PositiveIntegerField(default=0, help_text='Tips of it that were deleted since its release.')),
            ],
            options={
                'verbose_name': 'outcome',
                'verbose_name_plural': 'outcomes',
                'permissions': [('sign_outcome', 'Can sign an outcome')],
                'constraints': [models.CheckConstraint(condition=models.Q(('status__in', ['proposed', 'half_signed', 'signed', 'released', 'withdrawn'])), name='outcome_status_known', violation_error_message='That status does not exist.'), models.CheckConstraint(condition=models.Q(models.Q(('status__in', ['signed', 'released']), _negated=True), models.Q(models.Q(('editor', ''), _negated=True), models.Q(('lead', ''), _negated=True), models.Q(('editor', models.F('lead')), _negated=True)), _connector='OR'), name='outcome_has_two_signatures', violation_error_message='An editor and a lead sign, and they are two people.'), models.CheckConstraint(condition=models.Q(models.Q(('editor', models.F('proposer')), _negated=True), models.Q(('lead', models.F('proposer')), _negated=True)), name='outcome_not_signed_by_its_proposer', violation_error_message='Who proposes an outcome does not sign it.'), models.UniqueConstraint(condition=models.Q(('status', 'withdrawn'), _negated=True), fields=('article',), name='outcome_one_for_a_story', violation_error_message='There is an outcome for this story already.')],
            },
        ),
        migrations.CreateModel(
            name='Pack',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('since', models.DateField(auto_now_add=True, verbose_name='since')),
                ('key_index', models.PositiveIntegerField()),
                ('sealed', models.BinaryField()),
                ('reference', models.CharField(editable=False, max_length=11, unique=True, verbose_name='reference')),
                ('state', models.CharField(choices=[('drafted', 'Drafted'), ('signed_once', 'Signed once'), ('signed', 'Signed'), ('exported', 'Exported'), ('confirmed', 'Confirmed by the police'), ('withdrawn', 'Withdrawn')], default='drafted', max_length=12, verbose_name='state')),
                ('author', models.CharField(max_length=150, verbose_name='drafted by')),
                ('enquiry', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='packs', to='reports.enquiry')),
                ('alone', models.BooleanField(default=False, help_text='One signature: the desk had one keyholder, who waited.')),
                ('digest', models.CharField(blank=True, help_text='SHA-256 of what is exported; it is salted.', max_length=64)),
            ],
            options={
                'verbose_name': 'hand-over pack',
                'verbose_name_plural': 'hand-over packs',
                'ordering': ['-since', 'reference'],
                'constraints': [models.CheckConstraint(condition=models.Q(('state__in', ['drafted', 'signed_once', 'signed', 'exported', 'confirmed', 'withdrawn'])), name='pack_state_known', violation_error_message='That state does not exist.')],
            },
        ),
        migrations.CreateModel(
            name='PackPart',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('pack', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='parts', to='reports.pack')),
                ('tip', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='pack_parts', to='reports.tip')),
                ('position', models.PositiveSmallIntegerField()),
            ],
            options={
                'ordering': ['position'],
                'constraints': [models.UniqueConstraint(fields=('pack', 'tip'), name='pack_part_once', violation_error_message='This tip is in the pack already.')],
            },
        ),
        migrations.CreateModel(
            name='PackPicture',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('pack', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='pictures', to='reports.pack')),
                ('entry', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='reports.entry')),
                ('number', models.PositiveSmallIntegerField()),
                ('chosen_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('vouched_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('vouched', models.DateField(null=True)),
            ],
            options={
                'ordering': ['pk'],
                'constraints': [models.UniqueConstraint(fields=('pack', 'entry', 'number'), name='pack_picture_once', violation_error_message='This picture is in the pack already.'), models.CheckConstraint(condition=models.Q(('vouched_by', None), models.Q(('vouched_by', models.F('chosen_by')), _negated=True), _connector='OR'), name='pack_picture_second_reader', violation_error_message='Somebody else has to look at it than who chose it.')],
            },
        ),
        migrations.CreateModel(
            name='Signature',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('pack', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='signatures', to='reports.pack')),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('name', models.CharField(help_text='As it stood then.', max_length=150)),
                ('lead', models.BooleanField()),
                ('digest', models.CharField(max_length=64)),
                ('signed_at', models.DateTimeField(auto_now_add=True)),
            ],
            options={
                'ordering': ['signed_at', 'pk'],
                'constraints': [models.UniqueConstraint(fields=('pack', 'user'), name='signature_once', violation_error_message='Two people have to sign.')],
            },
        ),
        migrations.CreateModel(
            name='Confirmation',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('since', models.DateField(auto_now_add=True, verbose_name='since')),
                ('key_index', models.PositiveIntegerField()),
                ('sealed', models.BinaryField()),
                ('pack', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='confirmation', to='reports.pack')),
                ('author', models.CharField(max_length=150)),
            ],
            options={
                'verbose_name': 'confirmation',
                'verbose_name_plural': 'confirmations',
            },
        ),
        migrations.CreateModel(
            name='Partner',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=100, unique=True, verbose_name='name')),
                ('recipient', models.CharField(max_length=80, unique=True, verbose_name='age recipient')),
                ('compared', models.DateField(blank=True, editable=False, null=True, verbose_name='compared')),
                ('compared_by', models.CharField(blank=True, editable=False, max_length=150, verbose_name='compared by')),
            ],
            options={
                'verbose_name': 'partner',
                'verbose_name_plural': 'partners',
                'ordering': ['name'],
            },
        ),
        migrations.CreateModel(
            name='Invitation',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('username', models.CharField(max_length=150, unique=True)),
                ('role', models.CharField(max_length=20)),
                ('digest', models.CharField(max_length=64)),
                ('again', models.BooleanField(default=False, help_text='For an account that exists: a new password and app.')),
                ('expires_at', models.DateTimeField()),
            ],
            options={
                'verbose_name': 'invitation',
                'verbose_name_plural': 'invitations',
                'ordering': ['username'],
            },
        ),
        migrations.CreateModel(
            name='SessionOwner',
            fields=[
                ('session', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name='owner_row', serialize=False, to='sessions.session')),
                ('owner', models.CharField(db_index=True, max_length=64)),
                ('started_at', models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name='Node',
            fields=[
                ('id', models.CharField(max_length=32, primary_key=True, serialize=False)),
                ('name', models.CharField(max_length=100)),
                ('key_index', models.PositiveIntegerField()),
                ('since', models.DateTimeField(help_text='When it first reported this key.')),
                ('emptied_at', models.DateTimeField(help_text='When its outbox was last seen empty.', null=True)),
                ('seen_at', models.DateTimeField()),
            ],
            options={
                'ordering': ['name', 'id'],
            },
        ),
        migrations.CreateModel(
            name='AuditEvent',
            fields=[
                ('seq', models.PositiveBigIntegerField(primary_key=True, serialize=False, verbose_name='number')),
                ('at', models.DateTimeField(verbose_name='at')),
                ('actor', models.CharField(max_length=150, verbose_name='who')),
                ('act', models.CharField(max_length=24, verbose_name='did')),
                ('subject', models.CharField(blank=True, db_index=True, max_length=60, verbose_name='to what')),
                ('detail', models.JSONField(default=dict)),
                ('previous', models.CharField(max_length=64, verbose_name='hash of the event before')),
                ('hash', models.CharField(max_length=64, unique=True, verbose_name='hash')),
            ],
            options={
                'verbose_name': 'audit event',
                'verbose_name_plural': 'audit events',
                'ordering': ['-seq'],
                'indexes': [models.Index(fields=['act', 'at'], name='event_by_act')],
            },
        ),
        migrations.CreateModel(
            name='Checkpoint',
            fields=[
                ('number', models.PositiveBigIntegerField(help_text='1 for the first, without a gap.', primary_key=True, serialize=False)),
                ('seq', models.PositiveBigIntegerField(unique=True)),
                ('hash', models.CharField(max_length=64)),
                ('mac', models.CharField(max_length=64)),
            ],
            options={
                'verbose_name': 'checkpoint',
                'verbose_name_plural': 'checkpoints',
                'ordering': ['number'],
            },
        ),
        migrations.CreateModel(
            name='Relation',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('since', models.DateField(auto_now_add=True, verbose_name='since')),
                ('key_index', models.PositiveIntegerField()),
                ('sealed', models.BinaryField()),
                ('low', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='reports.tip')),
                ('high', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='reports.tip')),
                ('verdict', models.CharField(choices=[('related', 'Related: count as one source'), ('independent', 'Related, and sources of their own'), ('dismissed', 'Not related')], max_length=12)),
                ('author', models.CharField(max_length=150)),
            ],
            options={
                'verbose_name': 'relation',
                'verbose_name_plural': 'relations',
                'ordering': ['since', 'id'],
                'constraints': [models.UniqueConstraint(fields=('low', 'high'), name='relation_once', violation_error_message='These two tips have been looked at already.'), models.CheckConstraint(condition=models.Q(('low__lt', models.F('high'))), name='relation_in_order', violation_error_message='A tip is not related to itself.'), models.CheckConstraint(condition=models.Q(('verdict__in', ['related', 'independent', 'dismissed'])), name='relation_verdict_known', violation_error_message='That is no answer.')],
            },
        ),
    ]
