//! Entities to store: plain ones, where everything optional is missing, and full ones, where nothing is.
//!
//! A sample is a function of its number: two calls with one number make equal entities, two numbers
//! make entities that share no identity, address or secret.

use gatewright_application::audit::{AuditEvent, AuditEventType};
use gatewright_application::mail::content::MailTemplate;
use gatewright_application::mail::outbox_mail::{MailId, OutboxMail, SealedContent};
use gatewright_domain::abuse::quota::CounterKey;
use gatewright_domain::access::role::RoleName;
use gatewright_domain::account::challenge::{
    Challenge, ChallengePolicy, ChallengePurpose, ChallengeSubject, CodeDigest, FlowId, LinkDigest,
};
use gatewright_domain::account::display_name::DisplayName;
use gatewright_domain::account::email::EmailAddress;
use gatewright_domain::account::registration::{Registration, RegistrationId};
use gatewright_domain::account::settings::UserSettings;
use gatewright_domain::account::user::{User, UserId, UserStatus};
use gatewright_domain::account::username::Username;
use gatewright_domain::password::hash::PasswordHash;
use gatewright_domain::session::client::{DeviceId, UserAgent};
use gatewright_domain::session::session::{
    AuthenticationMethod, RefreshTokenDigest, Session, SessionId, SessionPolicy, SpentToken,
};
use gatewright_domain::{Duration, Timestamp};
use std::net::IpAddr;
use std::net::Ipv6Addr;
use time::macros::datetime;
use uuid::Uuid;

/// The moment at which samples are made. It has microseconds.
pub const NOON: Timestamp = datetime!(2025-03-01 12:00:00.123_456 UTC);

/// The shortest span of time that a store tells apart.
pub const MICROSECOND: Duration = Duration::MICROSECOND;

/// An identity. Samples of different kinds may share it.
#[must_use]
pub fn id(number: u32) -> Uuid {
    Uuid::from_u128(0x0195_51c7_e800_7000_8000_0000_0000_0000 + u128::from(number))
}

/// 32 bytes that begin with `kind`.
#[must_use]
pub fn digest(kind: u8, number: u32) -> [u8; 32] {
    let mut digest = [0xa5; 32];
    digest[0] = kind;
    digest[28..].copy_from_slice(&number.to_be_bytes());
    digest
}

/// An address with upper-case letters in it.
#[must_use]
pub fn address(number: u32) -> EmailAddress {
    email(&format!("Person.{number}@Example.org"))
}

/// The address that reads `text`.
#[must_use]
pub fn email(text: &str) -> EmailAddress {
    EmailAddress::parse(text).unwrap()
}

/// The username that reads `text`.
#[must_use]
pub fn username(text: &str) -> Username {
    Username::parse(text).unwrap()
}

/// The display name that reads `text`.
#[must_use]
pub fn display_name(text: &str) -> DisplayName {
    DisplayName::parse(text).unwrap()
}

/// The settings that read `json`.
#[must_use]
pub fn settings(json: &str) -> UserSettings {
    UserSettings::from_json(json.to_owned()).unwrap()
}

/// A password hash in PHC form. It is the hash of no password.
#[must_use]
pub fn password_hash(number: u32) -> PasswordHash {
    PasswordHash::from_phc(format!("$argon2id$v=19$m=19456,t=2,p=1$c2FsdHNhbHQ${number:043}"))
}

/// A user with nothing optional.
#[must_use]
pub fn user(number: u32) -> User {
    User {
        id: UserId(id(number)),
        email: address(number),
        email_verified_at: None,
        username: None,
        display_name: None,
        roles: [RoleName::default_for_new_users()].into(),
        settings: UserSettings::default(),
        status: UserStatus::Active,
        created_at: NOON,
        updated_at: NOON,
        last_login_at: None,
    }
}

/// A user with everything.
#[must_use]
pub fn full_user(number: u32) -> User {
    User {
        email_verified_at: Some(NOON + MICROSECOND),
        username: Some(username(&format!("Handle_{number}"))),
        display_name: Some(display_name("Zoë \"O'Neil\" 王 \u{1f469}\u{200d}\u{1f680}")),
        roles: [RoleName::administrator(), RoleName::default_for_new_users()].into(),
        settings: settings(r#"{"theme": "dark",  "naïve": [1, 2.50, null, "\u0000 \ud83d\ude00 '%_\\"]}"#),
        updated_at: NOON + MICROSECOND * 2,
        last_login_at: Some(NOON + MICROSECOND * 3),
        ..user(number)
    }
}

/// A pending registration with nothing optional.
#[must_use]
pub fn registration(number: u32) -> Registration {
    Registration {
        id: RegistrationId(id(number)),
        email: address(number),
        username: None,
        display_name: None,
        password: password_hash(number),
        network: None,
        created_at: NOON,
        expires_at: NOON + Duration::hours(24),
    }
}

/// A pending registration with everything.
#[must_use]
pub fn full_registration(number: u32) -> Registration {
    let user = full_user(number);
    Registration {
        username: user.username,
        display_name: user.display_name,
        network: Some(IpAddr::from([0x2001_u16, 0xdb8, 0, 7, 0, 0, 0, 0])),
        ..registration(number)
    }
}

/// A challenge with a code and a link, about `subject` and of the purpose that goes with it; a decoy's is a
/// password reset.
#[must_use]
pub fn challenge(number: u32, subject: ChallengeSubject) -> Challenge {
    let policy = ChallengePolicy::default();
    Challenge {
        id: FlowId(id(number)),
        purpose: match subject {
            ChallengeSubject::Registration { .. } => ChallengePurpose::Registration,
            ChallengeSubject::EmailChange { .. } => ChallengePurpose::EmailChange,
            ChallengeSubject::PasswordReset { .. } | ChallengeSubject::Nobody => ChallengePurpose::PasswordReset,
        },
        subject,
        failure_counter: CounterKey(digest(b'f', number)),
        code: Some(CodeDigest(digest(b'c', number))),
        link: LinkDigest(digest(b'l', number)),
        created_at: NOON,
        code_expires_at: NOON + policy.code_ttl,
        link_expires_at: NOON + policy.verification_link_ttl,
        consumed_at: None,
    }
}

/// A session with nothing optional.
#[must_use]
pub fn session(number: u32, user_id: UserId) -> Session {
    let policy = SessionPolicy::default();
    Session {
        id: SessionId(id(number)),
        user_id,
        device: DeviceId::parse(&format!("device-{number}")).unwrap(),
        address: None,
        user_agent: None,
        methods: [AuthenticationMethod::Password].into(),
        authenticated_at: NOON,
        created_at: NOON + MICROSECOND,
        last_seen_at: NOON + MICROSECOND * 2,
        idle_expires_at: NOON + policy.idle_ttl,
        expires_at: NOON + policy.absolute_ttl,
        generation: 0,
        token: RefreshTokenDigest(digest(b't', number)),
        previous_token: None,
        ended: None,
    }
}

/// A session with everything, of generation 7. It has not ended.
#[must_use]
pub fn full_session(number: u32, user_id: UserId) -> Session {
    Session {
        device: DeviceId::parse("!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~").unwrap(),
        address: Some(Ipv6Addr::new(0x2001, 0xdb8, 0, 1, 0, 0, 0, 0x2a).into()),
        user_agent: UserAgent::from_header("Möbius/1.0 (X11; Linux x86_64) 王 'quoted' \u{1f680}"),
        methods: [AuthenticationMethod::Password, AuthenticationMethod::OneTimeCode].into(),
        generation: 7,
        previous_token: Some(SpentToken {
            digest: RefreshTokenDigest(digest(b'p', number)),
            spent_at: NOON + MICROSECOND * 3,
        }),
        ..session(number, user_id)
    }
}

/// A mail that was written at [`NOON`].
#[must_use]
pub fn mail(number: u32) -> OutboxMail {
    OutboxMail {
        id: MailId(id(number)),
        template: MailTemplate::PasswordChanged,
        to: address(number),
        content: SealedContent(format!("v1.sealed-content-of-mail-{number}")),
        created_at: NOON,
        expires_at: None,
    }
}

/// An audit event with nothing optional.
#[must_use]
pub fn audit_event(number: u32) -> AuditEvent {
    AuditEvent {
        id: id(number),
        at: NOON,
        event_type: AuditEventType::LoginFailed,
        actor: None,
        subject: None,
        session: None,
        address: None,
        request_id: format!("request-{number}"),
        reason: None,
    }
}

/// An audit event with everything.
#[must_use]
pub fn full_audit_event(number: u32) -> AuditEvent {
    AuditEvent {
        actor: Some(UserId(id(1001))),
        subject: Some(UserId(id(1002))),
        session: Some(SessionId(id(1003))),
        address: Some(Ipv6Addr::LOCALHOST.into()),
        reason: Some("wrong_password"),
        ..audit_event(number)
    }
}
