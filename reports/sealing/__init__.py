"""The sealing room: receipts, envelopes and the key ring, pure and free of Django.

Nothing here reads a setting, opens a socket or keeps state. Read in this order: `receipts` (what a tipster
holds), `envelope` (how a tip is sealed), `keyholder` and `keyring` (who can open it).
"""
