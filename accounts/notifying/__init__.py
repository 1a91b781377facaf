"""People are told what concerns them: notifications with the names of those who did it, and mails of them."""
