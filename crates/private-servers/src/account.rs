//! The account of a server that refuses to run as root.

use std::fs;
use std::io;
use std::os::unix::fs::{MetadataExt as _, chown};
use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::process::Command;

/// Accounts that root runs PostgreSQL as, the first that exists.
const UNPRIVILEGED: [&str; 2] = ["postgres", "nobody"];

/// Somebody other than root; the one who runs this, unless that is root.
#[derive(Clone, Copy)]
pub(crate) struct Account {
    /// User and group to become; none to stay.
    ids: Option<(u32, u32)>,
}

impl Account {
    /// Whom a program is to run as, told from who owns `own_file`, which this process made.
    pub(crate) fn unprivileged(own_file: &Path) -> io::Result<Self> {
        if fs::metadata(own_file)?.uid() != 0 {
            return Ok(Self { ids: None });
        }
        let accounts = fs::read_to_string("/etc/passwd")?;
        let ids = UNPRIVILEGED.iter().find_map(|name| ids_of(name, &accounts));
        match ids {
            Some(_) => Ok(Self { ids }),
            None => Err(io::Error::other(
                "PostgreSQL refuses root, and there is neither an account `postgres` nor `nobody`",
            )),
        }
    }

    /// Lets `command` run as this account.
    pub(crate) fn run<'a>(&self, command: &'a mut Command) -> &'a mut Command {
        match self.ids {
            Some((user, group)) => command.uid(user).gid(group),
            None => command,
        }
    }

    /// Gives a file or folder to this account.
    pub(crate) fn own(&self, path: &Path) -> io::Result<()> {
        match self.ids {
            Some((user, group)) => chown(path, Some(user), Some(group)),
            None => Ok(()),
        }
    }
}

/// User and group of an account in the text of `passwd(5)`.
fn ids_of(account: &str, accounts: &str) -> Option<(u32, u32)> {
    accounts.lines().find_map(|line| {
        let mut fields = line.split(':');
        if fields.next()? != account {
            return None;
        }
        let user = fields.nth(1)?.parse().ok()?;
        Some((user, fields.next()?.parse().ok()?))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_account_has_the_ids_of_its_own_line() {
        let accounts = "postgresql:x:1:2::/:/bin/sh\npostgres:x:101:104:x,,,:/var/lib/postgresql:/bin/bash\n";
        assert_eq!(ids_of("postgres", accounts), Some((101, 104)));
        assert_eq!(ids_of("nobody", accounts), None);
    }
}
