//! Reading the mails a server without SMTP wrote, or those that the tests' mail server took.

use crate::schema::service;
use mail_parser::MessageParser;
use std::path::PathBuf;
use std::time::{Duration, Instant};

/// How long a mail may take to arrive before a test gives up on it.
const PATIENCE: Duration = Duration::from_secs(20);

/// The folder of mails.
#[derive(Debug, Clone)]
pub struct Mailbox {
    folder: PathBuf,
}

/// One mail.
#[derive(Debug, Clone)]
pub struct Mail {
    /// The address it went to.
    pub to: String,
    /// Its subject.
    pub subject: String,
    /// Its plain-text part.
    pub text: String,
    /// Its HTML part.
    pub html: String,
    /// The file as it is.
    pub raw: String,
}

impl Mailbox {
    pub(crate) fn new(folder: PathBuf) -> Self {
        Self { folder }
    }

    /// What the mail server took that `cargo xtask test` started, of all tests; above each mail are lines of its own.
    ///
    /// # Panics
    /// Where it started none.
    pub fn of_mail_server() -> Self {
        Self::new(service("GATEWRIGHT_TEST_SMTP_MAILBOX").into())
    }

    /// Every mail there is, oldest first.
    ///
    /// # Panics
    /// Where a file is no mail.
    pub fn all(&self) -> Vec<Mail> {
        let Ok(entries) = std::fs::read_dir(&self.folder) else {
            return Vec::new();
        };
        let mut files: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
        files.retain(|path| path.extension().is_some_and(|extension| extension == "eml"));
        files.sort();
        files
            .iter()
            .map(|path| Mail::parse(&std::fs::read(path).unwrap()))
            .collect()
    }

    /// The mails to one address, oldest first.
    pub fn to(&self, address: &str) -> Vec<Mail> {
        self.all().into_iter().filter(|mail| mail.to == address).collect()
    }

    /// Waits until `count` mails went to `address`, and answers the newest.
    ///
    /// # Panics
    /// Where they do not arrive in time.
    #[track_caller]
    #[expect(clippy::disallowed_methods, reason = "waits for another process")]
    pub fn wait_for(&self, address: &str, count: usize) -> Mail {
        let given_up_at = Instant::now() + PATIENCE;
        loop {
            let mut mails = self.to(address);
            if mails.len() >= count {
                return mails.pop().unwrap();
            }
            assert!(
                Instant::now() < given_up_at,
                "{} of {count} mails to {address}",
                mails.len()
            );
            std::thread::sleep(Duration::from_millis(5));
        }
    }
}

impl Mail {
    fn parse(bytes: &[u8]) -> Self {
        let message = MessageParser::default().parse(bytes).unwrap();
        let to = message
            .to()
            .and_then(|list| list.first())
            .and_then(|address| address.address());
        Self {
            to: to.unwrap_or_default().to_owned(),
            subject: message.subject().unwrap_or_default().to_owned(),
            text: message.body_text(0).unwrap_or_default().into_owned(),
            html: message.body_html(0).unwrap_or_default().into_owned(),
            raw: String::from_utf8_lossy(bytes).into_owned(),
        }
    }

    /// The six-digit code, which stands alone on a line.
    ///
    /// # Panics
    /// Where there is none.
    #[track_caller]
    pub fn code(&self) -> String {
        let is_code = |line: &&str| line.len() == 6 && line.bytes().all(|byte| byte.is_ascii_digit());
        let line = self.text.lines().map(str::trim).find(is_code);
        line.unwrap_or_else(|| panic!("no code in {}", self.text)).to_owned()
    }

    /// The link, which stands alone on a line.
    ///
    /// # Panics
    /// Where there is none.
    #[track_caller]
    pub fn link(&self) -> String {
        let line = self
            .text
            .lines()
            .map(str::trim)
            .find(|line| line.starts_with("http") && line.contains("token="));
        line.unwrap_or_else(|| panic!("no link in {}", self.text)).to_owned()
    }

    /// The token of the link.
    ///
    /// # Panics
    /// Where there is none.
    #[track_caller]
    pub fn token(&self) -> String {
        self.link().split_once("token=").unwrap().1.to_owned()
    }
}
