"""The public pages of the reports: the form, the mailbox and the figures. They speak HTTP; the rules do not."""
