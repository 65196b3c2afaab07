"""What stands between a stranger's file and us: the child process that parses it, bounds, archives, safe XML."""
