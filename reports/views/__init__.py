"""The public pages of the reports: the form, the mailbox and the town's figures. They speak HTTP; the rules do not."""
