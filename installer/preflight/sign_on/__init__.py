"""Sign-on of users: the right to register applications, and existing app registrations."""
