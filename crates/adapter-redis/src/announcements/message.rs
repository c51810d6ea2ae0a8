//! What members send each other, in text.

use gatewright_application::ports::announcements::Announcement;
use gatewright_domain::account::user::UserId;
use gatewright_domain::session::session::SessionId;
use std::fmt::Write as _;
use uuid::Uuid;

const EVERYTHING: &str = "*";
const ADDRESS_RULES: &str = "a";

/// What is announced at once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Content {
    /// Each of these.
    These(Vec<Announcement>),
    /// Too much to tell: forget everything.
    Everything,
}

/// Announcements as published: `<announcer> <number> <item> …`, an item being `s<session>`, `u<user>`, `a` or `*`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Published {
    /// Who announces, and where it is acknowledged.
    pub(super) announcer: String,
    /// What to acknowledge.
    pub(super) number: u64,
    pub(super) content: Content,
}

/// What is sent to one member.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum ToOne {
    /// Its own beat: `beat <number>`.
    Beat(u64),
    /// Somebody has heard: `heard <number> <member>`.
    Heard {
        /// Which of its announcements.
        number: u64,
        /// Who.
        member: String,
    },
}

impl Published {
    pub(super) fn encode(&self) -> String {
        let mut text = format!("{} {}", self.announcer, self.number);
        match &self.content {
            Content::Everything => text.push_str(" *"),
            Content::These(announcements) => {
                for announcement in announcements {
                    let written = match announcement {
                        Announcement::SessionChanged(SessionId(id)) => write!(text, " s{}", id.simple()),
                        Announcement::UserChanged(UserId(id)) => write!(text, " u{}", id.simple()),
                        Announcement::AddressRulesChanged => write!(text, " {ADDRESS_RULES}"),
                    };
                    debug_assert!(written.is_ok(), "writing to a string");
                }
            }
        }
        text
    }

    /// `None` where nobody of ours wrote it. An item that this version does not know means everything.
    pub(super) fn decode(text: &str) -> Option<Self> {
        let mut words = text.split(' ');
        let announcer = words.next()?.to_owned();
        let number = words.next()?.parse().ok()?;
        let these = words.map(item).collect::<Option<Vec<_>>>();
        let content = these.map_or(Content::Everything, Content::These);
        Some(Self {
            announcer,
            number,
            content,
        })
    }
}

fn item(word: &str) -> Option<Announcement> {
    if word == EVERYTHING {
        return None;
    }
    if word == ADDRESS_RULES {
        return Some(Announcement::AddressRulesChanged);
    }
    let (kind, id) = word.split_at_checked(1)?;
    let id = Uuid::try_parse(id).ok()?;
    match kind {
        "s" => Some(Announcement::SessionChanged(SessionId(id))),
        "u" => Some(Announcement::UserChanged(UserId(id))),
        _ => None,
    }
}

impl ToOne {
    pub(super) fn encode(&self) -> String {
        match self {
            Self::Beat(number) => format!("beat {number}"),
            Self::Heard { number, member } => format!("heard {number} {member}"),
        }
    }

    /// `None` where nobody of ours wrote it.
    pub(super) fn decode(text: &str) -> Option<Self> {
        let mut words = text.split(' ');
        let (kind, number) = (words.next()?, words.next()?.parse().ok()?);
        match (kind, words.next()) {
            ("beat", None) => Some(Self::Beat(number)),
            ("heard", Some(member)) => Some(Self::Heard {
                number,
                member: member.to_owned(),
            }),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn published(content: Content) -> Published {
        Published {
            announcer: "0195.1".to_owned(),
            number: 7,
            content,
        }
    }

    #[test]
    fn what_is_published_reads_back() {
        let id = Uuid::from_u128(0x0195_51c7_e800_7000_8000_0000_0000_0001);
        let these = vec![
            Announcement::SessionChanged(SessionId(id)),
            Announcement::UserChanged(UserId(id)),
            Announcement::AddressRulesChanged,
        ];
        for content in [Content::These(these), Content::Everything] {
            let published = published(content);
            assert_eq!(Published::decode(&published.encode()), Some(published));
        }
    }

    #[test]
    fn what_a_later_version_publishes_means_everything() {
        for items in ["x0195", "b", "s", "snot-an-id", "", "a  a"] {
            let text = format!("0195.1 7 {items}");
            assert_eq!(
                Published::decode(&text),
                Some(published(Content::Everything)),
                "{items:?}"
            );
        }
    }

    #[test]
    fn what_nobody_of_ours_wrote_is_not_read() {
        for text in ["", "hello", "0195.1 seven a"] {
            assert_eq!(Published::decode(text), None, "{text:?}");
        }
        for text in ["", "beat", "beat x", "beat 1 2", "heard 1", "other 1"] {
            assert_eq!(ToOne::decode(text), None, "{text:?}");
        }
    }

    #[test]
    fn what_is_sent_to_one_reads_back() {
        let heard = ToOne::Heard {
            number: 7,
            member: "0195.1".to_owned(),
        };
        for message in [ToOne::Beat(3), heard] {
            assert_eq!(ToOne::decode(&message.encode()), Some(message));
        }
    }
}
