//! What mails look like and whom they are from.

use crate::config::environment::Environment;
use crate::config::parse::{existing_folder, line, not_in_this_version};
use crate::config::reader::{Faulty, Reader};
use crate::config::setting::Setting;
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
    "smtp://user:password@mail.example.com:587",
    "the mail server; not supported by this version yet, leave it unset",
)
.url_with_credentials();

/// What mails look like and whom they are from.
#[derive(Debug, Clone)]
pub struct MailConfig {
    /// The name of the product.
    pub product_name: String,
    /// The sender: `name@domain` or `Name <name@domain>`.
    pub from: String,
    /// A folder of templates that replace the built-in ones.
    pub templates_dir: Option<PathBuf>,
}

impl MailConfig {
    pub(crate) fn read(reader: &mut Reader<'_>, environment: Result<Environment, Faulty>) -> Result<Self, Faulty> {
        let product_name = reader.read(&PRODUCT_NAME, line);
        let from = reader.read(&MAIL_FROM, line);
        let templates_dir = reader.read_optional(&MAIL_TEMPLATES_DIR, existing_folder);
        let smtp = reader.read_optional(&SMTP_URL, not_in_this_version);
        if matches!(environment, Ok(Environment::Production)) {
            reader.warn(
                &SMTP_URL,
                "this version sends no mail: each becomes a file in DATA_DIR/mail",
            );
        }
        smtp?;
        Ok(Self {
            product_name: product_name?,
            from: from?,
            templates_dir: templates_dir?,
        })
    }
}
