"""A member of the desk at their browser: keeps cookies, follows redirects, fills in the forms that the pages show."""

import itertools
import re
from urllib.parse import urlsplit

from tests.system.harness.resident import Resident

TIP = re.compile(r'href="(?:/admin/reports/tip/)?([0-9a-f-]{36})/change/"')
PICTURE = re.compile(r'<img src="(/admin/reports/tip/[0-9a-f-]{36}/[^"]+)"')
TIP_ACTS = re.compile(r"^(/admin/reports/tip/[0-9a-f-]{36}/).*")
UNLOCKED = "The desk is unlocked."


class Member(Resident):
    """Somebody with an account; `desk` is what they were shown once, `code` which of their codes is used first."""

    def __init__(self, port, desk, *, code=0, **options):
        """Take who it is; nobody is signed in yet."""
        super().__init__(port, **options)
        self.desk, self.cookies = desk, {}
        self._codes = iter(desk["codes"][code:])

    def ask(self, method, path, body=b"", headers=None):
        """Send one request with the cookies, and keep those that come back."""
        jar = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        page = super().ask(
            method, path, body, {**(headers or {}), **({"Cookie": jar} if jar else {})}
        )
        for cookie in page.cookies:
            name, _, value = cookie.partition(";")[0].partition("=")
            self.cookies[name.strip()] = value.strip()
        return page

    def follow(self, page):
        """Go where a page leads."""
        for _ in range(5):
            if page.status not in (301, 302, 303):
                return page
            to = urlsplit(page.headers["location"])
            page = self.get(to.path + (f"?{to.query}" if to.query else ""))
        raise AssertionError("a page leads round in circles")

    def submit(self, page, action, **typed):
        """Fill in a page's form and send it."""
        form = page.form(action)
        return self.follow(self.post(form.action, form.fields | typed))

    def press(self, page, action, typed):
        """Fill in a tip's page, which is one form, and press the button that goes to `action`."""
        form = page.form(TIP_ACTS.sub(r"\1save/", action))
        return self.follow(self.post(action, form.fields | typed))

    def try_to_sign_in(self, **typed):
        """Fill in the sign-in form; return whatever comes."""
        return self.submit(self.follow(self.get("/admin/")), "/admin/login/", **typed)

    def sign_in(self):
        """Sign in with the password and the next recovery code, and return the desk's first screen."""
        page = self.try_to_sign_in(
            username=self.desk["username"], password=self.desk["password"], code=next(self._codes)
        )
        assert page.status == 200, f"the desk's first screen answered {page.status}"
        assert 'name="password"' not in page.text, "the sign-in was refused"
        return page

    def unlock(self, passphrase):
        """Type a passphrase into the unlock page; return whatever comes."""
        return self.submit(self.get("/admin/unlock/"), "/admin/unlock/", passphrase=passphrase)

    def open_desk(self):
        """Sign in and unlock."""
        self.sign_in()
        page = self.unlock(self.desk["passphrase"])
        assert UNLOCKED in page.text, f"the passphrase did not open the desk ({page.status})"

    def tips(self):
        """Return the addresses of the tips in the queue, in its order."""
        page = self.get("/admin/reports/tip/")
        assert page.status == 200, (
            f"the queue answered {page.status} {page.headers.get('location', '')}"
        )
        return [f"/admin/reports/tip/{pk}/change/" for pk in dict.fromkeys(TIP.findall(page.text))]

    def write(self, address, question):
        """Ask the sender of a tip something from its page."""
        asked = {"write-text": question, "write-asks": "yes"}
        return self.press(self.get(address), f"{address.removesuffix('change/')}write/", asked)

    def pictures(self, page):
        """Look at all pictures of a tip."""
        return [self.get(address) for address in itertools.chain(PICTURE.findall(page.text))]
