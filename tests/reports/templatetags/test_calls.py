from reports.templatetags.calls import dialled


def test_phone_numbers_are_links_and_all_else_is_escaped():
    """A number of three digits or more is one to call."""
    told = "<b>Sam</b> on +44 1632 960001, extension 7, or 999; at 19:20, sam123 & #1234"
    assert dialled(told) == (
        '&lt;b&gt;Sam&lt;/b&gt; on <a href="tel:+441632960001">+44 1632 960001</a>, extension 7, '
        'or <a href="tel:999">999</a>; at 19:20, sam123 &amp; #1234'
    )
