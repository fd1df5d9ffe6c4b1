"""Who may do what: logins, sessions, subjects of a directory, roles and permissions."""
