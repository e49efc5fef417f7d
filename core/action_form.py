"""The base of the forms of acts, in the team area and in the newsroom."""

from django import forms


class ActionForm(forms.Form):
    """A form whose page says what is missing, in its own words: the browser requires nothing in it."""

    use_required_attribute = False
