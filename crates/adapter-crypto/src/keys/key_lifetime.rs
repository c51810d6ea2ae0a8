//! From when until when a signing key is used.

use crate::keys::signing_key::SigningKeyError;
use crate::rfc3339;
use gatewright_domain::Timestamp;

/// From when until when a signing key is used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KeyLifetime {
    /// When it was made.
    pub created_at: Timestamp,
    /// From when on it signs.
    pub active_from: Timestamp,
    /// First moment at which it no longer verifies; `None` for none.
    pub verify_until: Option<Timestamp>,
}

impl KeyLifetime {
    /// Reads `created=… active_from=… verify_until=…`, in any order. What is missing: a key without `active_from` was always
    /// active, one without `verify_until` verifies until it is taken away.
    pub(crate) fn parse<'a>(attributes: impl Iterator<Item = &'a str>) -> Result<Self, SigningKeyError> {
        let (mut created, mut active, mut until) = (None, None, None);
        for attribute in attributes {
            let (name, value) = attribute.split_once('=').ok_or(SigningKeyError::Attribute)?;
            let (place, name) = match name {
                "created" => (&mut created, "created"),
                "active_from" => (&mut active, "active_from"),
                "verify_until" => (&mut until, "verify_until"),
                _ => return Err(SigningKeyError::Attribute),
            };
            let moment = rfc3339::parse(value).ok_or(SigningKeyError::Time(name))?;
            if place.replace(moment).is_some() {
                return Err(SigningKeyError::Attribute);
            }
        }
        let active_from = active.unwrap_or(Timestamp::UNIX_EPOCH);
        if until.is_some_and(|until| until <= active_from) {
            return Err(SigningKeyError::NeverValid);
        }
        Ok(Self {
            created_at: created.unwrap_or(active_from),
            active_from,
            verify_until: until,
        })
    }

    /// What [`parse`](Self::parse) reads.
    pub(crate) fn to_text(self) -> String {
        let (created, active) = (rfc3339::text(self.created_at), rfc3339::text(self.active_from));
        let until = self
            .verify_until
            .map(|until| format!(" verify_until={}", rfc3339::text(until)));
        format!("created={created} active_from={active}{}", until.unwrap_or_default())
    }

    /// The same, verifying no longer than until `moment`.
    pub(crate) fn retired_at(self, moment: Timestamp) -> Self {
        let verify_until = Some(self.verify_until.map_or(moment, |until| until.min(moment)));
        Self { verify_until, ..self }
    }

    /// Whether tokens of the key are accepted at `now`; also before it signs, since another node's clock may be ahead.
    #[must_use]
    pub fn verifies_at(self, now: Timestamp) -> bool {
        self.verify_until.is_none_or(|until| now < until)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use time::macros::datetime;

    fn parse(text: &str) -> Result<KeyLifetime, SigningKeyError> {
        KeyLifetime::parse(text.split_ascii_whitespace())
    }

    #[test]
    fn a_lifetime_survives_its_text() {
        let open = KeyLifetime {
            created_at: datetime!(2026-03-01 12:00:00.000_001 UTC),
            active_from: datetime!(2026-03-02 00:00 UTC),
            verify_until: None,
        };
        for lifetime in [open, open.retired_at(datetime!(2026-04-01 00:00 UTC))] {
            assert_eq!(parse(&lifetime.to_text()), Ok(lifetime));
        }
    }

    #[test]
    fn what_is_missing_means_always() {
        let always = KeyLifetime {
            created_at: Timestamp::UNIX_EPOCH,
            active_from: Timestamp::UNIX_EPOCH,
            verify_until: None,
        };
        assert_eq!(parse(""), Ok(always));
        assert_eq!(
            parse("active_from=2026-03-01T00:00:00Z").unwrap().created_at,
            datetime!(2026-03-01 00:00 UTC)
        );
    }

    #[test]
    fn every_fault_is_named() {
        for (text, fault) in [
            ("created", SigningKeyError::Attribute),
            ("expires=2026-03-01T00:00:00Z", SigningKeyError::Attribute),
            (
                "created=2026-03-01T00:00:00Z created=2026-03-01T00:00:00Z",
                SigningKeyError::Attribute,
            ),
            ("active_from=tomorrow", SigningKeyError::Time("active_from")),
            ("verify_until=1970-01-01T00:00:00Z", SigningKeyError::NeverValid),
        ] {
            assert_eq!(parse(text), Err(fault), "{text}");
        }
    }

    #[test]
    fn verify_until_is_the_first_moment_that_does_not_count() {
        let lifetime = parse("verify_until=2026-03-01T00:00:00Z").unwrap();
        assert!(lifetime.verifies_at(datetime!(2026-02-28 23:59:59.999_999 UTC)));
        assert!(!lifetime.verifies_at(datetime!(2026-03-01 00:00 UTC)));
    }

    #[test]
    fn retiring_never_prolongs() {
        let lifetime = parse("verify_until=2026-03-01T00:00:00Z").unwrap();
        assert_eq!(lifetime.retired_at(datetime!(2026-04-01 00:00 UTC)), lifetime);
    }
}
