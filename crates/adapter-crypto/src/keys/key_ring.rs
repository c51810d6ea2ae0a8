//! The keys that sign and verify access tokens.

use crate::keys::signing_key::{SigningKey, SigningKeyError};
use gatewright_domain::{Duration, Timestamp};
use secrecy::{ExposeSecret, SecretString};
use std::collections::BTreeSet;
use thiserror::Error;
use zeroize::Zeroizing;

/// How much longer than its last token a key verifies: nodes' clocks differ.
const RETIREMENT_MARGIN: Duration = Duration::minutes(5);

/// Signing keys in the order in which they become active. Which one signs follows from the time alone, so
/// that every node switches at the same moment without a word.
#[derive(Debug, Clone)]
pub struct KeyRing {
    keys: Vec<SigningKey>,
}

/// Why a text is not a key ring. It never shows the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum KeyRingError {
    /// There is no key in it.
    #[error("there is no key")]
    Empty,
    /// One of the keys cannot be read.
    #[error("key {number}: {fault}")]
    Key {
        /// Which, counted from 1.
        number: usize,
        /// What is wrong with it.
        fault: SigningKeyError,
    },
    /// The same key twice.
    #[error("one key stands there twice")]
    Repeated,
    /// Which of two keys signs is undecided.
    #[error("two keys have the same active_from")]
    Undecided,
}

/// What a key is used for at some moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyState {
    /// Published, but not signing yet.
    Waiting,
    /// Signs every new token.
    Signing,
    /// Signs no more; its tokens are still accepted.
    Retired,
    /// Its tokens are no longer accepted.
    Over,
}

impl KeyRing {
    /// A ring with one new key, active at once.
    #[must_use]
    pub fn generate(now: Timestamp) -> Self {
        Self {
            keys: vec![SigningKey::generate(now, now)],
        }
    }

    /// Reads keys, one a line or separated by commas, each as [`SigningKey::parse`] takes it. Lines that begin
    /// with `#` are remarks.
    ///
    /// # Errors
    /// [`KeyRingError`].
    pub fn parse(text: &SecretString) -> Result<Self, KeyRingError> {
        let lines = text.expose_secret().lines().map(str::trim);
        let entries = lines
            .filter(|line| !line.starts_with('#'))
            .flat_map(|line| line.split(','));
        let keys: Result<Vec<SigningKey>, KeyRingError> = entries
            .filter(|entry| !entry.trim().is_empty())
            .zip(1..)
            .map(|(entry, number)| SigningKey::parse(entry).map_err(|fault| KeyRingError::Key { number, fault }))
            .collect();
        Self::of(keys?)
    }

    fn of(mut keys: Vec<SigningKey>) -> Result<Self, KeyRingError> {
        if keys.is_empty() {
            return Err(KeyRingError::Empty);
        }
        keys.sort_by_key(|key| key.lifetime().active_from);
        let starts: BTreeSet<Timestamp> = keys.iter().map(|key| key.lifetime().active_from).collect();
        if starts.len() < keys.len() {
            return Err(KeyRingError::Undecided);
        }
        let ids: BTreeSet<&str> = keys.iter().map(SigningKey::id).collect();
        if ids.len() < keys.len() {
            return Err(KeyRingError::Repeated);
        }
        Ok(Self { keys })
    }

    /// What [`parse`](Self::parse) reads, one key a line.
    #[must_use]
    pub fn to_text(&self) -> SecretString {
        let mut text = Zeroizing::new(String::new());
        for key in &self.keys {
            text.push_str(&key.to_text());
            text.push('\n');
        }
        text.as_str().into()
    }

    /// The ring after a rotation decided at `now`: a new key signs from `activate_at` on (at once where that is past), and
    /// those before it verify as long as tokens of theirs can be about, of a life of `access_ttl`. A key that
    /// waited to take over gives way, since it never signed; one whose tokens have all expired is dropped.
    #[must_use]
    pub fn rotated(&self, now: Timestamp, activate_at: Timestamp, access_ttl: Duration) -> Self {
        let may_have_signed = |key: &&SigningKey| key.lifetime().active_from <= now && key.lifetime().verifies_at(now);
        let kept: Vec<&SigningKey> = self.keys.iter().filter(may_have_signed).collect();
        let after_the_last = kept
            .last()
            .map_or(now, |key| key.lifetime().active_from + Duration::MICROSECOND);
        let activate_at = activate_at.max(now).max(after_the_last);
        let retire_at = activate_at.saturating_add(access_ttl + RETIREMENT_MARGIN);
        let retiring = kept.into_iter().map(|key| key.retired_at(retire_at));
        Self {
            keys: retiring.chain([SigningKey::generate(now, activate_at)]).collect(),
        }
    }

    /// Every key, in the order in which they become active.
    #[must_use]
    pub fn keys(&self) -> &[SigningKey] {
        &self.keys
    }

    /// When the newest key was made.
    #[must_use]
    pub fn newest_made_at(&self) -> Option<Timestamp> {
        self.keys.iter().map(|key| key.lifetime().created_at).max()
    }

    /// The key that signs at `now`: the one that became active last.
    #[must_use]
    pub fn signer(&self, now: Timestamp) -> Option<&SigningKey> {
        let newest = self.keys.iter().rev().find(|key| key.lifetime().active_from <= now)?;
        newest.lifetime().verifies_at(now).then_some(newest)
    }

    /// What `key` is used for at `now`.
    #[must_use]
    pub fn state(&self, key: &SigningKey, now: Timestamp) -> KeyState {
        if !key.lifetime().verifies_at(now) {
            KeyState::Over
        } else if key.lifetime().active_from > now {
            KeyState::Waiting
        } else if self.signer(now).is_some_and(|signer| signer.id() == key.id()) {
            KeyState::Signing
        } else {
            KeyState::Retired
        }
    }

    /// The key whose tokens carry this very footer. The footer is not interpreted: whatever is not exactly what this
    /// service writes belongs to no key.
    pub(crate) fn find_by_footer(&self, footer: &[u8]) -> Option<&SigningKey> {
        self.keys.iter().find(|key| key.footer() == footer)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use time::macros::datetime;

    const NOW: Timestamp = datetime!(2026-03-01 12:00 UTC);
    const LATER: Timestamp = datetime!(2026-03-01 13:00 UTC);
    const TTL: Duration = Duration::minutes(15);

    fn states(ring: &KeyRing, now: Timestamp) -> Vec<KeyState> {
        ring.keys().iter().map(|key| ring.state(key, now)).collect()
    }

    fn parse(text: &str) -> Result<KeyRing, KeyRingError> {
        KeyRing::parse(&text.into())
    }

    #[test]
    fn f32_after_a_rotation_old_tokens_verify_until_they_expire() {
        let ring = KeyRing::generate(NOW).rotated(NOW, LATER, TTL);
        assert_eq!(states(&ring, NOW), [KeyState::Signing, KeyState::Waiting]);
        assert_eq!(states(&ring, LATER), [KeyState::Retired, KeyState::Signing]);
        let last_token_expires = LATER + TTL;
        assert_eq!(
            states(&ring, last_token_expires),
            [KeyState::Retired, KeyState::Signing]
        );
        let over = last_token_expires + RETIREMENT_MARGIN;
        assert_eq!(states(&ring, over), [KeyState::Over, KeyState::Signing]);
    }

    #[test]
    fn the_next_rotation_drops_keys_that_are_over() {
        let first = KeyRing::generate(NOW).rotated(NOW, LATER, TTL);
        let much_later = LATER + Duration::days(30);
        let second = first.rotated(much_later, much_later, TTL);
        assert_eq!(states(&second, much_later), [KeyState::Retired, KeyState::Signing]);
        assert!(second.keys().iter().all(|key| key.id() != first.keys()[0].id()));
    }

    #[test]
    fn a_key_that_waits_gives_way_to_an_urgent_rotation() {
        let waiting = KeyRing::generate(NOW).rotated(NOW, LATER, TTL);
        let urgent = waiting.rotated(NOW + Duration::minutes(1), NOW, TTL);
        let soon = NOW + Duration::minutes(1);
        assert_eq!(states(&urgent, soon), [KeyState::Retired, KeyState::Signing]);
        assert_eq!(urgent.keys()[0].id(), waiting.keys()[0].id());
        assert_eq!(
            urgent.keys()[0].lifetime().verify_until,
            Some(soon + TTL + RETIREMENT_MARGIN)
        );
    }

    #[test]
    fn a_retired_key_is_not_given_more_time_by_later_rotations() {
        let first = KeyRing::generate(NOW).rotated(NOW, NOW + Duration::SECOND, TTL);
        let until = first.keys()[0].lifetime().verify_until;
        let second = first.rotated(NOW + Duration::MINUTE, LATER, TTL);
        assert_eq!(second.keys()[0].lifetime().verify_until, until);
        assert_eq!(second.keys().len(), 3);
    }

    #[test]
    fn two_rotations_at_one_moment_leave_no_doubt_who_signs() {
        let ring = KeyRing::generate(NOW).rotated(NOW, NOW, TTL);
        let read = KeyRing::parse(&ring.to_text()).unwrap();
        assert_eq!(
            states(&read, NOW + Duration::MICROSECOND),
            [KeyState::Retired, KeyState::Signing]
        );
    }

    #[test]
    fn a_ring_survives_its_text_in_lines_and_with_commas() {
        let ring = KeyRing::generate(NOW).rotated(NOW, LATER, TTL);
        let text = ring.to_text();
        let lines = format!("# remark, with a comma\n\n  {}", text.expose_secret());
        let inline = text.expose_secret().trim().replace('\n', ", ");
        for form in [lines, inline] {
            let read = parse(&form).unwrap();
            assert_eq!(read.to_text().expose_secret(), text.expose_secret());
        }
    }

    #[test]
    fn nobody_signs_before_the_first_key_is_active_or_after_the_last_is_over() {
        let key = SigningKey::generate(NOW, NOW);
        let text = format!("{} verify_until=2026-03-01T13:00:00Z", key.to_text().as_str());
        let ring = parse(&text).unwrap();
        assert!(ring.signer(NOW - Duration::MICROSECOND).is_none());
        assert!(ring.signer(NOW).is_some());
        assert!(ring.signer(LATER).is_none());
    }

    #[test]
    fn every_fault_is_named_without_the_text() {
        let (one, two) = (
            SigningKey::generate(NOW, NOW).to_text(),
            SigningKey::generate(NOW, NOW).to_text(),
        );
        let again = one.replace("active_from=2026", "active_from=2027");
        let broken = two.replace("k4.secret.", "k4.secret ");
        let fault = SigningKeyError::NotAKey;
        for (text, error) in [
            (" \n,# nothing".to_owned(), KeyRingError::Key { number: 1, fault }),
            ("# nothing\n".to_owned(), KeyRingError::Empty),
            (
                format!("{}\n{broken}", one.as_str()),
                KeyRingError::Key { number: 2, fault },
            ),
            (format!("{},{}", one.as_str(), two.as_str()), KeyRingError::Undecided),
            (format!("{},{again}", one.as_str()), KeyRingError::Repeated),
        ] {
            let found = parse(&text).unwrap_err();
            assert_eq!(found, error);
            let secret = broken.split(' ').nth(1).unwrap();
            assert!(!format!("{found} {found:?}").contains(&secret[..8]));
        }
    }

    #[test]
    fn a_footer_that_is_not_letter_for_letter_ours_belongs_to_no_key() {
        let ring = KeyRing::generate(NOW);
        let id = ring.keys()[0].id();
        assert!(ring.find_by_footer(format!(r#"{{"kid":"{id}"}}"#).as_bytes()).is_some());
        for footer in [
            String::new(),
            id.to_owned(),
            format!(r#"{{"kid": "{id}"}}"#),
            format!(r#"["{id}"]"#),
        ] {
            assert!(ring.find_by_footer(footer.as_bytes()).is_none(), "{footer}");
        }
    }
}
