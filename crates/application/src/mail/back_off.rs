//! How long a mail waits for its next try.

use crate::ports::outbox::ClaimedMail;
use gatewright_domain::Duration;

/// 10 s after the first try, twice as long after each further one, an hour at most; a fifth more or less, so that
/// mails that failed together do not come back together.
pub(super) fn back_off(claimed: &ClaimedMail) -> Duration {
    let doublings = claimed.attempts.saturating_sub(1).min(9);
    let seconds = (10_u64 << doublings).min(3600);
    // Both ids end in random bits; the claim's differ from try to try.
    let random = claimed.mail.id.0.as_u128() ^ claimed.claim.as_u128();
    let thousandths = 800 + u64::try_from(random % 401).unwrap_or(0);
    Duration::milliseconds(i64::try_from(seconds * thousandths).unwrap_or(i64::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mail::content::MailTemplate;
    use crate::mail::outbox_mail::{MailId, OutboxMail, SealedContent};
    use gatewright_domain::Timestamp;
    use gatewright_domain::account::email::EmailAddress;
    use uuid::Uuid;

    fn claimed(attempts: u32, id: u128, claim: u128) -> ClaimedMail {
        ClaimedMail {
            mail: OutboxMail {
                id: MailId(Uuid::from_u128(id)),
                template: MailTemplate::PasswordChanged,
                to: EmailAddress::parse("ann@example.org").unwrap(),
                content: SealedContent(String::new()),
                created_at: Timestamp::UNIX_EPOCH,
                expires_at: None,
            },
            claim: Uuid::from_u128(claim),
            attempts,
        }
    }

    #[test]
    fn it_doubles_up_to_an_hour() {
        // 200 thousandths above the least are exactly the middle.
        let waits = [1, 2, 3, 9, 10, 12].map(|attempts| back_off(&claimed(attempts, 0, 200)).whole_seconds());
        assert_eq!(waits, [10, 20, 40, 2560, 3600, 3600]);
    }

    #[test]
    fn it_spreads_over_a_fifth_either_way() {
        let waits: Vec<Duration> = (0..401).map(|claim| back_off(&claimed(1, 0, claim))).collect();
        assert_eq!(waits.iter().min(), Some(&Duration::seconds(8)));
        assert_eq!(waits.iter().max(), Some(&Duration::seconds(12)));
    }

    #[test]
    fn mails_of_one_claim_part_and_so_do_the_tries_of_one_mail() {
        let wait = |id, claim| back_off(&claimed(1, id, claim));
        assert_ne!(wait(1, 7), wait(2, 7));
        assert_ne!(wait(1, 7), wait(1, 8));
    }
}
