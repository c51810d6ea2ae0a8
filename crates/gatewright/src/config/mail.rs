//! What mails look like, whom they are from, and how they leave.

use crate::config::environment::Environment;
use crate::config::parse::{duration, existing_folder, line, secret_line, whole_number};
use crate::config::reader::{Faulty, Reader};
use crate::config::setting::Setting;
use gatewright_domain::Duration;
use secrecy::SecretString;
use std::path::PathBuf;

pub(crate) const PRODUCT_NAME: Setting = Setting::new(
    "PRODUCT_NAME",
    "Gatewright",
    "the name of the product, in mails and on pages; no password either",
);
pub(crate) const MAIL_FROM: Setting =
    Setting::new("MAIL_FROM", "Gatewright <no-reply@localhost>", "sender of every mail");
pub(crate) const MAIL_TEMPLATES_DIR: Setting = Setting::derived(
    "MAIL_TEMPLATES_DIR",
    "none: the templates that come with the program",
    "./mail-templates",
    "folder of templates that replace the built-in ones, file by file",
);
pub(crate) const SMTP_URL: Setting = Setting::derived(
    "SMTP_URL",
    "none: mails become files in DATA_DIR/mail",
    "smtp://user:password@mail.example.com:587?tls=starttls",
    "the mail server; `tls` is `starttls`, `implicit` or `none`, and none with a password only with `&unencrypted_password=allow` besides",
)
.url_with_credentials();
pub(crate) const SMTP_CONNECTIONS: Setting = Setting::new(
    "SMTP_CONNECTIONS",
    "2",
    "connections to the mail server that one process holds at most, and mails it sends at once",
);
pub(crate) const SMTP_TIMEOUT: Setting = Setting::new(
    "SMTP_TIMEOUT",
    "10s",
    "how long each step of a conversation with the mail server may take",
);
pub(crate) const DKIM_DOMAIN: Setting = Setting::derived(
    "DKIM_DOMAIN",
    "none: mails are not signed here",
    "example.com",
    "domain in whose name mails are signed (DKIM, RFC 6376)",
);
pub(crate) const DKIM_SELECTOR: Setting = Setting::new(
    "DKIM_SELECTOR",
    "gatewright",
    "the DNS name `<selector>._domainkey.<domain>` that holds the public key",
);
pub(crate) const DKIM_KEY: Setting = Setting::derived(
    "DKIM_KEY",
    "none",
    "change-this-to-a-private-key-in-PEM",
    "private key that signs mails, in PEM: RSA of at least 2048 bits or Ed25519; give DKIM_KEY_FILE",
)
.secret();

/// What mails look like, whom they are from, and how they leave.
#[derive(Debug, Clone)]
pub struct MailConfig {
    /// The name of the product.
    pub product_name: String,
    /// The sender: `name@domain` or `Name <name@domain>`.
    pub from: String,
    /// A folder of templates that replace the built-in ones.
    pub templates_dir: Option<PathBuf>,
    /// The mail server; `None`: mails become files.
    pub smtp: Option<SmtpConfig>,
}

/// A mail server. `Debug` shows neither URL nor key.
#[derive(Debug, Clone)]
pub struct SmtpConfig {
    /// Where it is; the adapter reads the rest.
    pub url: SecretString,
    /// Connections one process holds at most.
    pub connections: u32,
    /// How long each step may take.
    pub timeout: Duration,
    /// How mails are signed.
    pub dkim: Option<DkimConfig>,
}

/// How mails are signed.
#[derive(Debug, Clone)]
pub struct DkimConfig {
    /// In whose name.
    pub domain: String,
    /// Where in that domain the public key is found.
    pub selector: String,
    /// The private key, in PEM.
    pub key: SecretString,
}

impl MailConfig {
    pub(crate) fn read(reader: &mut Reader<'_>, environment: Result<Environment, Faulty>) -> Result<Self, Faulty> {
        let product_name = reader.read(&PRODUCT_NAME, line);
        let from = reader.read(&MAIL_FROM, line);
        let templates_dir = reader.read_optional(&MAIL_TEMPLATES_DIR, existing_folder);
        let smtp = SmtpConfig::read(reader);
        if matches!(environment, Ok(Environment::Production)) && matches!(smtp, Ok(None)) {
            reader.warn(
                &SMTP_URL,
                "not given, so no mail is sent: each becomes a file in DATA_DIR/mail",
            );
        }
        Ok(Self {
            product_name: product_name?,
            from: from?,
            templates_dir: templates_dir?,
            smtp: smtp?,
        })
    }
}

impl SmtpConfig {
    fn read(reader: &mut Reader<'_>) -> Result<Option<Self>, Faulty> {
        let url = reader.read_optional(&SMTP_URL, secret_line);
        let connections = reader.read(&SMTP_CONNECTIONS, whole_number(1..=32));
        let timeout = reader.read(&SMTP_TIMEOUT, duration(Duration::SECOND..=Duration::minutes(1)));
        let dkim = DkimConfig::read(reader);
        let (url, connections, timeout, dkim) = (url?, connections?, timeout?, dkim?);
        Ok(url.map(|url| Self {
            url,
            connections,
            timeout,
            dkim,
        }))
    }
}

impl DkimConfig {
    fn read(reader: &mut Reader<'_>) -> Result<Option<Self>, Faulty> {
        let domain = reader.read_optional(&DKIM_DOMAIN, line);
        let selector = reader.read(&DKIM_SELECTOR, line);
        let key = reader.read_optional(&DKIM_KEY, |text| Ok(SecretString::from(text)));
        match (domain?, selector?, key?) {
            (Some(domain), selector, Some(key)) => Ok(Some(Self { domain, selector, key })),
            (None, _, None) => Ok(None),
            (Some(_), _, None) => {
                reader.refuse(&DKIM_DOMAIN, "needs DKIM_KEY beside it");
                Err(Faulty)
            }
            (None, _, Some(_)) => {
                reader.refuse(&DKIM_KEY, "needs DKIM_DOMAIN beside it");
                Err(Faulty)
            }
        }
    }
}
