//! Challenges.

use crate::error::corrupt;
use crate::rows::columns::{digest, parsed, required, word};
use crate::schema::challenges;
use diesel::{Insertable, Queryable, QueryableByName, Selectable};
use gatewright_application::ports::error::PortError;
use gatewright_domain::Timestamp;
use gatewright_domain::abuse::quota::CounterKey;
use gatewright_domain::account::challenge::{
    Challenge, ChallengePurpose, ChallengeSubject, CodeDigest, FlowId, LinkDigest,
};
use gatewright_domain::account::email::EmailAddress;
use gatewright_domain::account::registration::RegistrationId;
use gatewright_domain::account::user::UserId;
use gatewright_domain::session::session::SessionId;
use uuid::Uuid;

/// A challenge as it is stored.
#[derive(Queryable, QueryableByName, Selectable, Insertable)]
#[diesel(table_name = challenges, treat_none_as_default_value = false, check_for_backend(diesel::pg::Pg))]
pub(crate) struct ChallengeRow {
    id: Uuid,
    purpose: String,
    #[diesel(embed)]
    subject: SubjectRow,
    failure_counter: Vec<u8>,
    code_digest: Option<Vec<u8>>,
    link_digest: Vec<u8>,
    attempts: i64,
    created_at: Timestamp,
    code_expires_at: Timestamp,
    link_expires_at: Timestamp,
    consumed_at: Option<Timestamp>,
}

/// Whom and what a challenge is about; which parts are there is up to `subject`.
#[derive(Default, Queryable, QueryableByName, Selectable, Insertable)]
#[diesel(table_name = challenges, treat_none_as_default_value = false, check_for_backend(diesel::pg::Pg))]
pub(crate) struct SubjectRow {
    subject: String,
    registration_id: Option<Uuid>,
    resent: Option<bool>,
    user_id: Option<Uuid>,
    new_email: Option<String>,
    session_id: Option<Uuid>,
}

const NOBODY: &str = "nobody";
const REGISTRATION: &str = "registration";
const PASSWORD_RESET: &str = "password_reset";
const EMAIL_CHANGE: &str = "email_change";

impl From<&ChallengeSubject> for SubjectRow {
    fn from(subject: &ChallengeSubject) -> Self {
        match subject {
            ChallengeSubject::Nobody => Self {
                subject: NOBODY.to_owned(),
                ..Self::default()
            },
            ChallengeSubject::Registration { id, resent } => Self {
                subject: REGISTRATION.to_owned(),
                registration_id: Some(id.0),
                resent: Some(*resent),
                ..Self::default()
            },
            ChallengeSubject::PasswordReset { user } => Self {
                subject: PASSWORD_RESET.to_owned(),
                user_id: Some(user.0),
                ..Self::default()
            },
            ChallengeSubject::EmailChange {
                user,
                new_email,
                session,
            } => Self {
                subject: EMAIL_CHANGE.to_owned(),
                user_id: Some(user.0),
                new_email: Some(new_email.as_str().to_owned()),
                session_id: Some(session.0),
                ..Self::default()
            },
        }
    }
}

impl TryFrom<SubjectRow> for ChallengeSubject {
    type Error = PortError;

    fn try_from(row: SubjectRow) -> Result<Self, PortError> {
        let user = || required("challenge", row.user_id).map(UserId);
        match row.subject.as_str() {
            NOBODY => Ok(Self::Nobody),
            REGISTRATION => Ok(Self::Registration {
                id: RegistrationId(required("challenge", row.registration_id)?),
                resent: required("challenge", row.resent)?,
            }),
            PASSWORD_RESET => Ok(Self::PasswordReset { user: user()? }),
            EMAIL_CHANGE => Ok(Self::EmailChange {
                user: user()?,
                new_email: parsed("challenge", &required("challenge", row.new_email)?, EmailAddress::parse)?,
                session: SessionId(required("challenge", row.session_id)?),
            }),
            other => Err(corrupt("challenge", format!("unknown subject {other:?}"))),
        }
    }
}

impl From<&Challenge> for ChallengeRow {
    fn from(challenge: &Challenge) -> Self {
        Self {
            id: challenge.id.0,
            purpose: challenge.purpose.as_str().to_owned(),
            subject: SubjectRow::from(&challenge.subject),
            failure_counter: challenge.failure_counter.0.to_vec(),
            code_digest: challenge.code.map(|code| code.0.to_vec()),
            link_digest: challenge.link.0.to_vec(),
            attempts: 0,
            created_at: challenge.created_at,
            code_expires_at: challenge.code_expires_at,
            link_expires_at: challenge.link_expires_at,
            consumed_at: challenge.consumed_at,
        }
    }
}

impl TryFrom<ChallengeRow> for Challenge {
    type Error = PortError;

    fn try_from(row: ChallengeRow) -> Result<Self, PortError> {
        Ok(Self {
            id: FlowId(row.id),
            purpose: word("challenge", &row.purpose, purpose_of(&row.purpose))?,
            subject: row.subject.try_into()?,
            failure_counter: CounterKey(digest(&row.failure_counter)?),
            code: row.code_digest.as_deref().map(digest).transpose()?.map(CodeDigest),
            link: LinkDigest(digest(&row.link_digest)?),
            created_at: row.created_at,
            code_expires_at: row.code_expires_at,
            link_expires_at: row.link_expires_at,
            consumed_at: row.consumed_at,
        })
    }
}

fn purpose_of(word: &str) -> Option<ChallengePurpose> {
    [
        ChallengePurpose::Registration,
        ChallengePurpose::EmailChange,
        ChallengePurpose::PasswordReset,
    ]
    .into_iter()
    .find(|purpose| purpose.as_str() == word)
}
