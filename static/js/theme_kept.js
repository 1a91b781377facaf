// Serves the admin, whose <html> is Django's: the theme that was chosen, before anything is drawn.
document.documentElement.dataset.theme = document.cookie.match(/(?:^|; )theme=(light|dark)(?:;|$)/)?.[1] ?? "";
