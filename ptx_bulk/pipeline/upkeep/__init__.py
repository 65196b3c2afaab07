"""Commands about runs, profiles and the state folder."""
