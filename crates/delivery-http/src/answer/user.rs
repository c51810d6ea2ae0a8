//! A user, as its owner sees it.

use gatewright_domain::access::role::{Permission, RoleName, permissions_of};
use gatewright_domain::account::display_name::DisplayName;
use gatewright_domain::account::user::{User, UserStatus};
use gatewright_domain::account::username::Username;
use serde::ser::{Error, SerializeMap};
use serde::{Serialize, Serializer};
use serde_json::value::RawValue;
use std::collections::BTreeSet;
use time::OffsetDateTime;
use utoipa::ToSchema;
use uuid::Uuid;

/// An account.
#[derive(Serialize, ToSchema)]
#[schema(as = User)]
pub(crate) struct UserAnswer<'a> {
    id: Uuid,
    #[schema(format = Email)]
    email: &'a str,
    email_verified: bool,
    /// A public handle.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    username: Option<&'a str>,
    /// A name to show.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    display_name: Option<&'a str>,
    #[serde(serialize_with = "as_names")]
    #[schema(value_type = Vec<String>)]
    roles: &'a BTreeSet<RoleName>,
    /// What the roles allow.
    permissions: Vec<&'static str>,
    /// A JSON object of the product's own.
    #[serde(serialize_with = "as_json")]
    #[schema(value_type = Object)]
    settings: &'a str,
    mfa: MfaAnswer,
    status: StatusAnswer,
    #[serde(with = "time::serde::rfc3339")]
    created_at: OffsetDateTime,
    #[serde(with = "time::serde::rfc3339")]
    updated_at: OffsetDateTime,
    #[serde(with = "time::serde::rfc3339::option", skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    last_login_at: Option<OffsetDateTime>,
}

/// Which second factors are set up.
#[derive(Serialize, ToSchema)]
#[schema(as = SecondFactors)]
struct MfaAnswer {
    totp: bool,
    recovery_codes_left: u32,
    passkeys: u32,
}

/// Whether the account may be used.
#[derive(Serialize, ToSchema)]
#[schema(as = UserStatus)]
#[serde(rename_all = "snake_case")]
enum StatusAnswer {
    Active,
    Disabled,
}

impl<'a> From<&'a User> for UserAnswer<'a> {
    fn from(user: &'a User) -> Self {
        Self {
            id: user.id.0,
            email: user.email.as_str(),
            email_verified: user.email_verified(),
            username: user.username.as_ref().map(Username::as_str),
            display_name: user.display_name.as_ref().map(DisplayName::as_str),
            roles: &user.roles,
            permissions: permissions_of(&user.roles)
                .into_iter()
                .map(Permission::as_str)
                .collect(),
            settings: user.settings.as_json(),
            mfa: MfaAnswer {
                totp: false,
                recovery_codes_left: 0,
                passkeys: 0,
            },
            status: match user.status {
                UserStatus::Active => StatusAnswer::Active,
                UserStatus::Disabled => StatusAnswer::Disabled,
            },
            created_at: user.created_at,
            updated_at: user.updated_at,
            last_login_at: user.last_login_at,
        }
    }
}

fn as_names<S: Serializer>(roles: &BTreeSet<RoleName>, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_seq(roles.iter().map(RoleName::as_str))
}

fn as_json<S: Serializer>(json: &str, serializer: S) -> Result<S::Ok, S::Error> {
    // What most accounts have needs no parser.
    if json == "{}" {
        return serializer.serialize_map(Some(0))?.end();
    }
    let document: &RawValue = serde_json::from_str(json).map_err(S::Error::custom)?;
    document.serialize(serializer)
}
