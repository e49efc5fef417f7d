import django.db.models.deletion
import django.utils.timezone
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
    ]

    operations = [
        migrations.CreateModel(
            name='Image',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('digest', models.CharField(editable=False, max_length=32, unique=True, verbose_name='digest')),
                ('width', models.PositiveIntegerField(editable=False, verbose_name='width')),
                ('height', models.PositiveIntegerField(editable=False, verbose_name='height')),
                ('alt', models.CharField(help_text='For readers who cannot see it. Never their names or guesses.', max_length=250, verbose_name='what it shows')),
                ('caption', models.CharField(help_text='Shown under the picture.', max_length=300, verbose_name='caption')),
                ('credit', models.CharField(help_text='Who took it, or who gave it to us.', max_length=120, verbose_name='credit')),
                ('added_at', models.DateTimeField(default=django.utils.timezone.now, editable=False, verbose_name='added')),
            ],
            options={
                'verbose_name': 'image',
                'verbose_name_plural': 'images',
                'ordering': ['-added_at', '-pk'],
                'constraints': [models.CheckConstraint(condition=models.Q(('height__gt', 0), ('width__gt', 0)), name='image_has_size', violation_error_message='A picture has a width and a height.')],
            },
        ),
        migrations.CreateModel(
            name='Topic',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('slug', models.SlugField(max_length=60, unique=True, verbose_name='slug')),
                ('name', models.CharField(max_length=60, unique=True, verbose_name='name')),
            ],
            options={
                'verbose_name': 'topic',
                'verbose_name_plural': 'topics',
                'ordering': ['name'],
            },
        ),
        migrations.CreateModel(
            name='Area',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('slug', models.SlugField(max_length=60, unique=True, verbose_name='slug')),
                ('name', models.CharField(max_length=80, unique=True, verbose_name='name')),
                ('estates', models.TextField(blank=True, verbose_name='estates')),
            ],
            options={
                'verbose_name': 'area',
                'verbose_name_plural': 'areas',
                'ordering': ['name'],
            },
        ),
        migrations.CreateModel(
            name='Author',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('slug', models.SlugField(max_length=60, unique=True, verbose_name='slug')),
                ('name', models.CharField(max_length=120, verbose_name='name')),
                ('bio', models.TextField(blank=True, help_text='One or two sentences for readers.', verbose_name='about them')),
            ],
            options={
                'verbose_name': 'author',
                'verbose_name_plural': 'authors',
                'ordering': ['name'],
            },
        ),
        migrations.CreateModel(
            name='Article',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('slug', models.SlugField(max_length=120, unique=True, verbose_name='slug')),
                ('headline', models.CharField(max_length=140, verbose_name='headline')),
                ('standfirst', models.CharField(blank=True, help_text='One or two sentences.', max_length=400, verbose_name='standfirst')),
                ('body', models.TextField(blank=True, help_text='Markdown.', verbose_name='text')),
                ('byline', models.CharField(help_text='As readers see it.', max_length=120, verbose_name='byline')),
                ('author', models.ForeignKey(blank=True, help_text="Whose page lists the story. None: the newsroom's.", null=True, on_delete=django.db.models.deletion.PROTECT, related_name='articles', to='newsroom.author', verbose_name='author')),
                ('status', models.CharField(choices=[('draft', 'Draft'), ('scheduled', 'Scheduled'), ('published', 'Published'), ('withdrawn', 'Withdrawn')], default='draft', max_length=12, verbose_name='status')),
                ('publish_at', models.DateTimeField(blank=True, null=True, verbose_name='publish at')),
                ('updated_at', models.DateTimeField(blank=True, help_text='When readers last got something new. Shown.', null=True, verbose_name='updated at')),
                ('topic', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='articles', to='newsroom.topic', verbose_name='topic')),
                ('proceedings_active', models.BooleanField(default=False, help_text='Shows readers a note not to guess at who is meant.', verbose_name='proceedings may be active')),
                ('pinned', models.BooleanField(default=False, verbose_name='leads the front page')),
                ('lead_image', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='led', to='newsroom.image', verbose_name='lead picture')),
                ('withdrawn_at', models.DateTimeField(blank=True, editable=False, null=True, verbose_name='withdrawn at')),
                ('withdrawn_note', models.CharField(blank=True, editable=False, help_text='Shown at its old address.', max_length=300, verbose_name='why it was withdrawn')),
                ('source_note', models.CharField(blank=True, max_length=300, verbose_name='where the facts come from')),
                ('residents_least', models.PositiveSmallIntegerField(editable=False, help_text='At least so many reports of residents led to it; empty: not told.', null=True)),
                ('residents_most', models.PositiveSmallIntegerField(editable=False, help_text='At most so many; empty: or more.', null=True)),
                ('seed_digest', models.CharField(blank=True, editable=False, max_length=64)),
                ('areas', models.ManyToManyField(blank=True, related_name='articles', to='newsroom.area', verbose_name='areas')),
            ],
            options={
                'verbose_name': 'article',
                'verbose_name_plural': 'articles',
                'ordering': ['-publish_at', '-pk'],
                'indexes': [models.Index(fields=['-publish_at', '-id'], name='article_newest'), models.Index(fields=['topic', '-publish_at', '-id'], name='article_newest_of_topic'), models.Index(fields=['author', '-publish_at', '-id'], name='article_newest_of_author'), models.Index(condition=models.Q(('pinned', True)), fields=['publish_at'], name='article_pinned')],
                'constraints': [models.CheckConstraint(condition=models.Q(('status__in', ['draft', 'scheduled', 'published', 'withdrawn'])), name='article_status_known', violation_error_message='A story is a draft, scheduled, published or withdrawn.'), models.CheckConstraint(condition=models.Q(('status__in', ['draft', 'withdrawn']), ('publish_at__isnull', False), _connector='OR'), name='article_out_has_time', violation_error_message='Say when the story is to appear.'), models.CheckConstraint(condition=models.Q(('updated_at__isnull', True), ('publish_at__lte', models.F('updated_at')), _connector='OR'), name='article_updated_after_publishing', violation_error_message='A story cannot be updated before it appears.'), models.CheckConstraint(condition=models.Q(('status', 'withdrawn'), ('withdrawn_at__isnull', True), _connector='OR'), name='article_withdrawn_at_only_when_withdrawn', violation_error_message='Only a withdrawn story has a time at which it was withdrawn.')],
            },
        ),
        migrations.CreateModel(
            name='KeyFact',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('article', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='facts', to='newsroom.article', verbose_name='article')),
                ('figure', models.CharField(max_length=12, verbose_name='figure')),
                ('text', models.CharField(max_length=120, verbose_name='what it counts')),
                ('order', models.PositiveSmallIntegerField(default=0, verbose_name='order')),
            ],
            options={
                'verbose_name': 'key fact',
                'verbose_name_plural': 'key facts',
                'ordering': ['order', 'pk'],
                'constraints': [models.UniqueConstraint(fields=('article', 'order'), name='fact_order_unique', violation_error_message='Two facts of a story have the same place.')],
            },
        ),
        migrations.CreateModel(
            name='RelatedLink',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('article', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='links', to='newsroom.article', verbose_name='article')),
                ('title', models.CharField(max_length=200, verbose_name='title')),
                ('url', models.URLField(blank=True, verbose_name='address')),
                ('order', models.PositiveSmallIntegerField(default=0, verbose_name='order')),
            ],
            options={
                'verbose_name': 'related link',
                'verbose_name_plural': 'related links',
                'ordering': ['order', 'pk'],
                'constraints': [models.UniqueConstraint(fields=('article', 'order'), name='link_order_unique', violation_error_message='Two links of a story have the same place.')],
            },
        ),
        migrations.CreateModel(
            name='TimelineStep',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('article', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='steps', to='newsroom.article', verbose_name='article')),
                ('stage', models.CharField(choices=[('report', 'Residents report'), ('arrest', 'Arrests'), ('charge', 'Charges'), ('court', 'Court'), ('outcome', 'Outcome')], max_length=12, verbose_name='stage')),
                ('date', models.DateField(verbose_name='date')),
                ('text', models.CharField(max_length=200, verbose_name='what happened')),
            ],
            options={
                'verbose_name': 'step of the story',
                'verbose_name_plural': 'steps of the story',
                'ordering': ['date', 'pk'],
                'constraints': [models.CheckConstraint(condition=models.Q(('stage__in', ['report', 'arrest', 'charge', 'court', 'outcome'])), name='step_stage_known', violation_error_message='A step is a report, arrests, charges, court or an outcome.'), models.CheckConstraint(condition=models.Q(('stage', 'report'), _negated=True), name='step_report_not_by_hand', violation_error_message='Only a released outcome may say that residents reported.')],
            },
        ),
        migrations.CreateModel(
            name='Appeal',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('key', models.SlugField(help_text="The story's first slug. It never changes.", max_length=120, unique=True, verbose_name='key')),
                ('article', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='appeals', to='newsroom.article', verbose_name='article')),
                ('title', models.CharField(max_length=120, verbose_name='title')),
                ('prompt', models.CharField(help_text='Shown at the top of the form.', max_length=300, verbose_name='prompt')),
                ('why', models.TextField(blank=True, help_text='Markdown, shown under the story.', verbose_name='why it is worth telling')),
                ('highlights', models.TextField(blank=True, help_text='One question on each line, five at most: “Did you see a grey van on Tuesday night?”', max_length=600, verbose_name='questions to highlight')),
                ('opens', models.DateTimeField(verbose_name='opens')),
                ('closes', models.DateTimeField(blank=True, null=True, verbose_name='closes')),
                ('result', models.CharField(blank=True, help_text='One line, shown once the appeal has closed. Say nothing of who told, or how many.', max_length=200, verbose_name='what came of it')),
            ],
            options={
                'verbose_name': 'appeal',
                'verbose_name_plural': 'appeals',
                'ordering': ['-opens', '-pk'],
                'constraints': [models.CheckConstraint(condition=models.Q(('closes__isnull', True), ('closes__gt', models.F('opens')), _connector='OR'), name='appeal_closes_after_opening', violation_error_message='An appeal cannot close before it opens.')],
            },
        ),
        migrations.CreateModel(
            name='Revision',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('article', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='revisions', to='newsroom.article', verbose_name='article')),
                ('number', models.PositiveIntegerField(verbose_name='number')),
                ('made_at', models.DateTimeField(default=django.utils.timezone.now, verbose_name='made at')),
                ('made_by', models.CharField(max_length=150, verbose_name='made by')),
                ('summary', models.CharField(max_length=300, verbose_name='what changed')),
                ('fields', models.JSONField(verbose_name='the story as it then stood')),
            ],
            options={
                'verbose_name': 'revision',
                'verbose_name_plural': 'revisions',
                'ordering': ['-number'],
                'indexes': [models.Index(fields=['article', 'made_at'], name='revision_newest')],
                'constraints': [models.UniqueConstraint(fields=('article', 'number'), name='revision_number_unique', violation_error_message='Somebody else changed the story at the same moment. Try again.')],
            },
        ),
        migrations.CreateModel(
            name='Correction',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('article', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='corrections', to='newsroom.article', verbose_name='article')),
                ('text', models.TextField(max_length=1000, verbose_name='what was wrong, and what is right')),
                ('at', models.DateTimeField(verbose_name='shown from')),
            ],
            options={
                'verbose_name': 'correction',
                'verbose_name_plural': 'corrections',
                'ordering': ['-at', '-pk'],
            },
        ),
        migrations.CreateModel(
            name='Redirect',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('old_slug', models.SlugField(max_length=120, unique=True, verbose_name='old slug')),
                ('article', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='redirects', to='newsroom.article', verbose_name='article')),
            ],
            options={
                'verbose_name': 'redirect',
                'verbose_name_plural': 'redirects',
                'ordering': ['old_slug'],
            },
        ),
        migrations.CreateModel(
            name='GroupMembership',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('group', models.UUIDField(verbose_name='group')),
                ('article', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='memberships', to='newsroom.article', verbose_name='article')),
            ],
            options={
                'ordering': ['pk'],
                'constraints': [models.UniqueConstraint(fields=('group', 'article'), name='article_in_group_once', violation_error_message='This story is in that group already.')],
            },
        ),
    ]
