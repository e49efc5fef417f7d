"""Cryptography of receipts, envelopes, the key file and digests. Pure: no Django, no setting, no socket, no state.

Read in this order: `receipts` (what a tipster holds), `envelope` (how a tip is sealed), `keyholder` and `keyring`
(who can open it), `digest` and `query` (how sealed tips are searched).
"""
