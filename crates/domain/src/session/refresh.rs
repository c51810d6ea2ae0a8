//! Refresh token rotation and reuse detection (RFC 9700 §4.14.2, ASVS 10.4.5).
//!
//! A refresh token is spent by its first use and exchanged for its successor. The successor is a
//! keyed function of the token, so that the same exchange, repeated, has the same answer: two tabs
//! that refresh at once, or a client whose answer was lost, both end up with the one live token.
//! That is granted to the *direct* predecessor only, for a short grace, to the same device, and
//! ends by itself as soon as the successor is used. Every other return of a spent token is theft.

use crate::Timestamp;
use crate::session::client::Client;
use crate::session::session::{RefreshTokenDigest, Session, SessionPolicy, SpentToken};

/// What to do with a refresh token that is genuine: made by this service for this session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RefreshDecision {
    /// It is the current token: exchange it for its successor.
    Rotate,
    /// It was exchanged a moment ago: hand out the same successor again, change nothing.
    Repeat,
    /// It was spent before: end the session and tell its owner.
    Reused,
    /// It is of no use.
    Refuse(RefreshRefusal),
}

/// Why a genuine refresh token is of no use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RefreshRefusal {
    /// The session was ended.
    Ended,
    /// The session is over for age or lack of use.
    Expired,
    /// Another device than the one the session belongs to presents it.
    OtherDevice,
}

/// Judges a genuine refresh token of `session`, presented by `client` at `now`.
#[must_use]
pub fn decide_refresh(
    session: &Session,
    presented: &RefreshTokenDigest,
    client: &Client,
    policy: &SessionPolicy,
    now: Timestamp,
) -> RefreshDecision {
    if session.ended.is_some() {
        return RefreshDecision::Refuse(RefreshRefusal::Ended);
    }
    if !session.is_live(now) {
        return RefreshDecision::Refuse(RefreshRefusal::Expired);
    }
    if *presented == session.token {
        return match client.device {
            Some(ref device) if *device != session.device => RefreshDecision::Refuse(RefreshRefusal::OtherDevice),
            _ => RefreshDecision::Rotate,
        };
    }
    match session.previous_token {
        Some(previous) if previous.digest == *presented && may_repeat(session, &previous, client, policy, now) => {
            RefreshDecision::Repeat
        }
        _ => RefreshDecision::Reused,
    }
}

fn may_repeat(
    session: &Session,
    previous: &SpentToken,
    client: &Client,
    policy: &SessionPolicy,
    now: Timestamp,
) -> bool {
    now < previous.spent_at + policy.reuse_grace && same_device(session, client)
}

/// A client that names its device is judged by that name, one that names none by its user agent.
fn same_device(session: &Session, client: &Client) -> bool {
    match &client.device {
        Some(device) => *device == session.device,
        None => client.user_agent == session.user_agent,
    }
}

/// `session` after its token was exchanged for `successor` by `client` at `now`.
#[must_use]
pub fn rotated(
    session: &Session,
    successor: RefreshTokenDigest,
    client: &Client,
    policy: &SessionPolicy,
    now: Timestamp,
) -> Session {
    Session {
        address: client.address,
        user_agent: client.user_agent.clone(),
        last_seen_at: now,
        idle_expires_at: policy.idle_expiry(session.created_at, now),
        generation: session.generation + 1,
        token: successor,
        previous_token: Some(SpentToken {
            digest: session.token,
            spent_at: now,
        }),
        ..session.clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Duration;
    use crate::account::user::UserId;
    use crate::session::client::{DeviceId, UserAgent};
    use crate::session::session::{AuthenticationMethod, SessionEnd, SessionId};
    use uuid::Uuid;

    const T0: Timestamp = Timestamp::UNIX_EPOCH;

    fn digest(n: u8) -> RefreshTokenDigest {
        RefreshTokenDigest([n; 32])
    }

    fn client(device: Option<&str>) -> Client {
        Client {
            device: device.map(|text| DeviceId::parse(text).unwrap()),
            address: None,
            user_agent: UserAgent::from_header("app/1"),
        }
    }

    fn session() -> Session {
        Session {
            id: SessionId(Uuid::from_u128(1)),
            user_id: UserId(Uuid::from_u128(2)),
            device: DeviceId::parse("phone").unwrap(),
            address: None,
            user_agent: UserAgent::from_header("app/1"),
            methods: [AuthenticationMethod::Password].into(),
            authenticated_at: T0,
            created_at: T0,
            last_seen_at: T0,
            idle_expires_at: T0 + Duration::days(7),
            expires_at: T0 + Duration::days(30),
            generation: 0,
            token: digest(1),
            previous_token: None,
            ended: None,
        }
    }

    fn decide(session: &Session, token: u8, device: Option<&str>, now: Timestamp) -> RefreshDecision {
        decide_refresh(session, &digest(token), &client(device), &SessionPolicy::default(), now)
    }

    fn after_rotation() -> Session {
        rotated(
            &session(),
            digest(2),
            &client(Some("phone")),
            &SessionPolicy::default(),
            T0 + Duration::minutes(1),
        )
    }

    #[test]
    fn the_current_token_is_exchanged() {
        assert_eq!(decide(&session(), 1, Some("phone"), T0), RefreshDecision::Rotate);
        assert_eq!(decide(&session(), 1, None, T0), RefreshDecision::Rotate);
    }

    #[test]
    fn rotation_remembers_the_parent_and_moves_the_idle_limit() {
        let rotated = after_rotation();
        assert_eq!(rotated.generation, 1);
        assert_eq!(rotated.token, digest(2));
        assert_eq!(rotated.previous_token.unwrap().digest, digest(1));
        assert_eq!(rotated.idle_expires_at, T0 + Duration::minutes(1) + Duration::days(7));
    }

    #[test]
    fn idle_life_never_outlasts_the_absolute_one() {
        let policy = SessionPolicy::default();
        assert_eq!(policy.idle_expiry(T0, T0 + Duration::days(29)), T0 + Duration::days(30));
    }

    #[test]
    fn a66_a_lost_answer_is_repeated_within_the_grace() {
        let session = after_rotation();
        let spent = T0 + Duration::minutes(1);
        assert_eq!(
            decide(&session, 1, Some("phone"), spent + Duration::seconds(9)),
            RefreshDecision::Repeat
        );
        assert_eq!(
            decide(&session, 1, None, spent + Duration::seconds(9)),
            RefreshDecision::Repeat
        );
        assert_eq!(
            decide(&session, 1, Some("phone"), spent + Duration::seconds(10)),
            RefreshDecision::Reused
        );
    }

    #[test]
    fn a65_a_grandparent_is_theft_even_within_the_grace() {
        let policy = SessionPolicy::default();
        let later = T0 + Duration::seconds(61);
        let session = rotated(&after_rotation(), digest(3), &client(Some("phone")), &policy, later);
        assert_eq!(decide(&session, 1, Some("phone"), later), RefreshDecision::Reused);
        assert_eq!(decide(&session, 2, Some("phone"), later), RefreshDecision::Repeat);
    }

    #[test]
    fn a_spent_token_from_another_device_is_theft() {
        let session = after_rotation();
        let now = T0 + Duration::seconds(61);
        assert_eq!(decide(&session, 1, Some("laptop"), now), RefreshDecision::Reused);
        let unnamed = Client {
            user_agent: UserAgent::from_header("curl/8"),
            ..Client::default()
        };
        let decision = decide_refresh(&session, &digest(1), &unnamed, &SessionPolicy::default(), now);
        assert_eq!(decision, RefreshDecision::Reused);
    }

    #[test]
    fn a71_the_current_token_from_another_device_is_refused() {
        let refused = RefreshDecision::Refuse(RefreshRefusal::OtherDevice);
        assert_eq!(decide(&session(), 1, Some("laptop"), T0), refused);
    }

    #[test]
    fn nothing_revives_an_ended_or_expired_session() {
        let ended = Session {
            ended: Some((T0, SessionEnd::SignedOut)),
            ..after_rotation()
        };
        for token in [1, 2, 9] {
            assert_eq!(
                decide(&ended, token, None, T0),
                RefreshDecision::Refuse(RefreshRefusal::Ended)
            );
        }
        let idle = T0 + Duration::days(7);
        assert_eq!(
            decide(&session(), 1, None, idle - Duration::microseconds(1)),
            RefreshDecision::Rotate
        );
        assert_eq!(
            decide(&session(), 1, None, idle),
            RefreshDecision::Refuse(RefreshRefusal::Expired)
        );
    }
}
