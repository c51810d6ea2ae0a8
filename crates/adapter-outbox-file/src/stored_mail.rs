//! A mail read back from its file.

use gatewright_application::mail::outbox_mail::MailId;
use gatewright_domain::Timestamp;
use mail_parser::MessageParser;
use std::fmt;
use time::PrimitiveDateTime;
use time::format_description::BorrowedFormatItem;
use time::macros::format_description;
use uuid::Uuid;

/// The time in a file's name: sorting the names sorts the mails.
const TIME_IN_NAME: &[BorrowedFormatItem<'_>] =
    format_description!("[year][month][day]T[hour][minute][second].[subsecond digits:6]Z");

/// The name of a mail's file: when it was written and which it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct FileName {
    pub(crate) written_at: Timestamp,
    pub(crate) id: MailId,
}

impl FileName {
    pub(crate) fn parse(name: &str) -> Option<Self> {
        let (time, id) = name.strip_suffix(".eml")?.split_once('-')?;
        Some(Self {
            written_at: PrimitiveDateTime::parse(time, TIME_IN_NAME).ok()?.assume_utc(),
            id: MailId(Uuid::try_parse(id).ok()?),
        })
    }
}

impl fmt::Display for FileName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let time = self.written_at.to_offset(time::UtcOffset::UTC);
        let time = time.format(TIME_IN_NAME).map_err(|_| fmt::Error)?;
        write!(f, "{time}-{}.eml", self.id.0.as_hyphenated())
    }
}

/// What a developer reads of a mail. `Debug` shows neither part: they hold codes and links.
#[derive(Clone, PartialEq, Eq)]
pub struct StoredMail {
    /// Which mail.
    pub id: MailId,
    /// When it was written.
    pub written_at: Timestamp,
    /// Whom it is for.
    pub to: String,
    /// Its subject.
    pub subject: String,
    /// The text part, with `\n` at the end of a line.
    pub text: String,
    /// The HTML part.
    pub html: String,
}

impl StoredMail {
    /// Reads a message that this crate wrote; of a message that it did not write, what it can.
    pub(crate) fn read(name: FileName, message: &[u8]) -> Option<Self> {
        let message = MessageParser::default().parse(message)?;
        let to = message.to().and_then(|to| to.first()).and_then(|to| to.address());
        Some(Self {
            id: name.id,
            written_at: name.written_at,
            to: to.unwrap_or_default().to_owned(),
            subject: message.subject().unwrap_or_default().to_owned(),
            text: message.body_text(0).unwrap_or_default().replace("\r\n", "\n"),
            html: message.body_html(0).unwrap_or_default().replace("\r\n", "\n"),
        })
    }
}

impl fmt::Debug for StoredMail {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StoredMail")
            .field("id", &self.id)
            .field("subject", &self.subject)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use time::macros::datetime;

    const ID: Uuid = Uuid::from_u128(0x0199_0000_0000_7000_8000_0000_0000_0001);

    #[test]
    fn names_sort_as_the_mails_were_written() {
        let name = |written_at| {
            FileName {
                written_at,
                id: MailId(ID),
            }
            .to_string()
        };
        let first = name(datetime!(2026-11-21 06:14:07.000_009 UTC));
        assert_eq!(
            first,
            "20261121T061407.000009Z-01990000-0000-7000-8000-000000000001.eml"
        );
        assert!(first < name(datetime!(2026-11-21 06:14:07.000_010 UTC)));
        assert_eq!(first, name(datetime!(2026-11-21 08:14:07.000_009 +2)));
    }

    #[test]
    fn a_name_is_read_back_and_any_other_name_is_none_of_ours() {
        let name = FileName {
            written_at: datetime!(2026-11-21 06:14:07.000_009 UTC),
            id: MailId(ID),
        };
        assert_eq!(FileName::parse(&name.to_string()), Some(name));
        for other in ["", "a.eml", ".probe", "20261121T061407.000009Z-x.eml", "../x.eml"] {
            assert_eq!(FileName::parse(other), None, "{other}");
        }
    }
}
