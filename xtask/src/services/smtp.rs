//! The mail server, `xtask/services/smtp_server.py`.

use super::{Variable, certificates, packages, text_of};
use crate::commands::root;
use anyhow::{Context, Result, bail};
use gatewright_private_servers::{Process, ProcessFolder, wait_until};
use std::fs;
use std::process::Command;
use std::time::Duration;

const USER: &str = "gatewright";
const PASSWORD: &str = "a password for tests";
const LOG: &str = "smtp.log";
const LONGEST_START: Duration = Duration::from_secs(30);

/// A mail server that ends when this is dropped.
pub(super) struct SmtpServer {
    // In front of the folder, so that it ends before that is removed.
    _process: Process,
    folder: ProcessFolder,
    listeners: String,
}

impl SmtpServer {
    /// Makes its certificates, starts it, and waits until it listens.
    pub(super) fn start() -> Result<Self> {
        let python = packages::python_with_aiosmtpd().context("aiosmtpd is gone")?;
        let folder = ProcessFolder::new()?;
        let in_folder = |name: &str| folder.path().join(name);
        certificates::make(&in_folder("certificates"))?;
        fs::create_dir(in_folder("mailbox"))?;
        let mut command = Command::new(python);
        command
            .arg(root().join("xtask/services/smtp_server.py"))
            .args(["--user", USER, "--password", PASSWORD]);
        for name in ["mailbox", "certificates", "listeners"] {
            command.arg(format!("--{name}")).arg(in_folder(name));
        }
        let mut process = folder.spawn_logged(&mut command, "TERM", LOG)?;
        let mut listeners = None;
        wait_until(LONGEST_START, || {
            listeners = fs::read_to_string(in_folder("listeners")).ok();
            listeners.is_some() || process.has_ended()
        });
        let Some(listeners) = listeners else {
            bail!("the mail server does not start:\n{}", folder.end_of_log(LOG));
        };
        Ok(Self {
            _process: process,
            folder,
            listeners,
        })
    }

    /// How tests find it.
    pub(super) fn variables(&self) -> Result<Vec<Variable>> {
        let address = |name: &str| {
            let line = self
                .listeners
                .lines()
                .find_map(|line| line.strip_prefix(name)?.strip_prefix(' '));
            line.map(str::to_owned)
                .with_context(|| format!("the mail server has no listener {name}"))
        };
        let path = self.folder.path();
        Ok(vec![
            ("GATEWRIGHT_TEST_SMTP_PLAIN", address("plain")?),
            ("GATEWRIGHT_TEST_SMTP_STARTTLS", address("starttls")?),
            ("GATEWRIGHT_TEST_SMTP_IMPLICIT", address("implicit")?),
            ("GATEWRIGHT_TEST_SMTP_WRONG_NAME", address("wrong_name")?),
            (
                "GATEWRIGHT_TEST_SMTP_CA",
                text_of(&path.join("certificates/authority.pem"))?,
            ),
            ("GATEWRIGHT_TEST_SMTP_USER", USER.to_owned()),
            ("GATEWRIGHT_TEST_SMTP_PASSWORD", PASSWORD.to_owned()),
            ("GATEWRIGHT_TEST_SMTP_MAILBOX", text_of(&path.join("mailbox"))?),
        ])
    }
}
