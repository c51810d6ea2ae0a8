//! Getting what is missing.

use crate::commands::output;
use anyhow::{Context, Result, bail, ensure};
use gatewright_private_servers::{installed_postgres, installed_redis, program};
use std::collections::BTreeSet;
use std::fs;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// Debian's packages start what they install. `policy-rc.d` keeps them from it, and is there only meanwhile.
const INSTALL: &str = r#"
set -e
policy=/usr/sbin/policy-rc.d
if [ ! -e "$policy" ]; then
    trap 'rm -f "$policy"' EXIT
    trap 'exit 130' HUP INT TERM
    printf '#!/bin/sh\nexit 101\n' >"$policy"
    chmod 755 "$policy"
fi
export DEBIAN_FRONTEND=noninteractive
apt-get -qq -o DPkg::Lock::Timeout=300 update
apt-get -qq -o DPkg::Lock::Timeout=300 install --yes --no-install-recommends "$@"
"#;

/// A program that a service is made of.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Needed {
    Postgres,
    Redis,
    Aiosmtpd,
    Openssl,
    Faketime,
}

impl Needed {
    fn is_installed(self) -> bool {
        match self {
            Self::Postgres => installed_postgres().is_some(),
            Self::Redis => installed_redis().is_some(),
            Self::Aiosmtpd => python_with_aiosmtpd().is_some(),
            Self::Openssl => program("openssl").is_some(),
            Self::Faketime => faketime_library().is_some(),
        }
    }

    fn package(self) -> &'static str {
        match self {
            Self::Postgres => "postgresql",
            Self::Redis => "redis-server",
            Self::Aiosmtpd => "python3-aiosmtpd",
            Self::Openssl => "openssl",
            Self::Faketime => "libfaketime",
        }
    }

    /// How to do without apt.
    fn advice(self) -> &'static str {
        match self {
            Self::Postgres => "install PostgreSQL 13 or later, or give DATABASE_URL",
            Self::Redis => "install Redis 6.2 or later",
            Self::Aiosmtpd => "`python3 -m pip install aiosmtpd`",
            Self::Openssl => "install OpenSSL's command",
            Self::Faketime => "install libfaketime",
        }
    }
}

/// Installs what of `needed` is not there, or says how somebody can.
pub(super) fn install_missing<'a>(needed: impl IntoIterator<Item = &'a Needed>) -> Result<()> {
    let needed: BTreeSet<Needed> = needed.into_iter().copied().collect();
    let missing = || needed.iter().copied().filter(|needed| !needed.is_installed());
    let packages: Vec<&str> = missing().map(Needed::package).collect();
    if packages.is_empty() {
        return Ok(());
    }
    let names = packages.join(" ");
    let by_hand = || {
        let advice: Vec<String> = missing()
            .map(|needed| format!("{}: {}", needed.package(), needed.advice()))
            .collect();
        advice.join("; ")
    };
    let Some(mut command) = root_shell()? else {
        bail!(
            "missing, and not mine to install (Debian: `apt-get install {names}`): {}",
            by_hand()
        );
    };
    eprintln!("services: installing {names} by apt-get");
    let done = command
        .args(["-c", INSTALL, "install"])
        .args(&packages)
        .stdin(Stdio::null())
        .output()
        .context("apt-get")?;
    let said = String::from_utf8_lossy(&done.stderr);
    ensure!(
        done.status.success(),
        "`apt-get install {names}`: {}\n{said}",
        done.status
    );
    ensure!(missing().next().is_none(), "still missing: {}", by_hand());
    Ok(())
}

/// A python that has aiosmtpd, the system's in the first place: that is what Debian's package is for.
pub(super) fn python_with_aiosmtpd() -> Option<PathBuf> {
    let system = Some(PathBuf::from("/usr/bin/python3")).filter(|python| python.is_file());
    let has_aiosmtpd = |python: &PathBuf| {
        let mut import = Command::new(python);
        import.args(["-c", "import aiosmtpd.smtp"]).stderr(Stdio::null());
        output(&mut import).is_ok()
    };
    system.into_iter().chain(program("python3")).find(has_aiosmtpd)
}

/// What, preloaded, tells a program another time.
pub(super) fn faketime_library() -> Option<PathBuf> {
    let of_architectures = fs::read_dir("/usr/lib").into_iter().flatten().flatten();
    of_architectures
        .map(|entry| entry.path())
        .chain(["/usr/lib", "/usr/lib64", "/usr/local/lib"].map(PathBuf::from))
        .map(|folder| folder.join("faketime/libfaketime.so.1"))
        .find(|library| library.is_file())
}

/// A shell of root's, where there is apt and nobody has to be asked.
fn root_shell() -> Result<Option<Command>> {
    if program("apt-get").is_none() {
        return Ok(None);
    }
    if is_root()? {
        return Ok(Some(Command::new("sh")));
    }
    let may = program("sudo").is_some_and(|sudo| {
        let mut ask = Command::new(sudo);
        ask.args(["--non-interactive", "true"]).stderr(Stdio::null());
        output(&mut ask).is_ok()
    });
    let mut sudo = Command::new("sudo");
    sudo.args(["--non-interactive", "sh"]);
    Ok(may.then_some(sudo))
}

fn is_root() -> Result<bool> {
    let own = Path::new("/proc/self");
    Ok(fs::metadata(own).context("who runs this")?.uid() == 0)
}
