//! Changes of users.

use crate::changes::registrations;
use crate::error::Failure;
use crate::rows::columns::micros;
use crate::rows::users::NewUserRow;
use crate::schema::{challenges, user_roles, users};
use diesel::prelude::*;
use gatewright_application::ports::change::{Edit, UserChange};
use gatewright_application::ports::error::Constraint;
use gatewright_domain::Timestamp;
use gatewright_domain::account::display_name::DisplayName;
use gatewright_domain::account::email::EmailAddress;
use gatewright_domain::account::settings::UserSettings;
use gatewright_domain::account::user::{User, UserId};
use gatewright_domain::account::username::Username;
use gatewright_domain::password::hash::PasswordHash;

pub(super) fn apply(connection: &mut SqliteConnection, change: &UserChange) -> Result<(), Failure> {
    match change {
        UserChange::Insert { user, password } => insert(connection, user, password.as_ref()),
        UserChange::ExpectPassword { id, verified } => expect_password(connection, *id, Some(verified)),
        UserChange::SignedIn { id, verified, at } => signed_in(connection, *id, verified.as_ref(), *at),
        UserChange::Rehash { id, old, new } => rehash(connection, *id, old, new),
        UserChange::SetPassword { id, expected, new, at } => set_password(connection, *id, expected.as_ref(), new, *at),
        UserChange::EditProfile {
            id,
            username,
            display_name,
            settings,
            at,
        } => edit_profile(connection, *id, username, display_name, settings, *at),
        UserChange::SetVerifiedEmail { id, email, at } => set_verified_email(connection, *id, email, *at),
        UserChange::Delete { id } => delete(connection, *id),
    }
}

fn insert(connection: &mut SqliteConnection, user: &User, password: Option<&PasswordHash>) -> Result<(), Failure> {
    diesel::insert_into(users::table)
        .values(NewUserRow::new(user, password))
        .execute(connection)?;
    for role in &user.roles {
        diesel::insert_into(user_roles::table)
            .values((
                user_roles::user_id.eq(user.id.0.as_bytes().as_slice()),
                user_roles::role.eq(role.as_str()),
            ))
            .execute(connection)?;
    }
    Ok(())
}

fn signed_in(
    connection: &mut SqliteConnection,
    id: UserId,
    verified: Option<&PasswordHash>,
    at: Timestamp,
) -> Result<(), Failure> {
    expect_password(connection, id, verified)?;
    diesel::update(users::table.find(id.0.as_bytes()))
        .set(users::last_login_at.eq(micros(at)))
        .execute(connection)?;
    Ok(())
}

fn rehash(
    connection: &mut SqliteConnection,
    id: UserId,
    old: &PasswordHash,
    new: &PasswordHash,
) -> Result<(), Failure> {
    expect_password(connection, id, None)?;
    diesel::update(users::table.find(id.0.as_bytes()))
        .filter(users::password_hash.eq(old.as_phc()))
        .set(users::password_hash.eq(new.as_phc()))
        .execute(connection)?;
    Ok(())
}

fn set_password(
    connection: &mut SqliteConnection,
    id: UserId,
    expected: Option<&PasswordHash>,
    new: &PasswordHash,
    at: Timestamp,
) -> Result<(), Failure> {
    expect_password(connection, id, expected)?;
    diesel::update(users::table.find(id.0.as_bytes()))
        .set((users::password_hash.eq(new.as_phc()), users::updated_at.eq(micros(at))))
        .execute(connection)?;
    Ok(())
}

/// The user exists and, where a password is expected, has that one. It holds until the end of the job: nobody
/// else writes.
fn expect_password(
    connection: &mut SqliteConnection,
    id: UserId,
    expected: Option<&PasswordHash>,
) -> Result<(), Failure> {
    let stored: Option<Option<String>> = users::table
        .find(id.0.as_bytes())
        .select(users::password_hash)
        .get_result(connection)
        .optional()?;
    let Some(stored) = stored else {
        return Err(Constraint::UserExists.into());
    };
    match expected {
        Some(expected) if stored.as_deref() != Some(expected.as_phc()) => Err(Constraint::PasswordUnchanged.into()),
        _ => Ok(()),
    }
}

fn edit_profile(
    connection: &mut SqliteConnection,
    id: UserId,
    username: &Edit<Option<Username>>,
    display_name: &Edit<Option<DisplayName>>,
    settings: &Edit<UserSettings>,
    at: Timestamp,
) -> Result<(), Failure> {
    let user = || users::table.find(id.0.as_bytes());
    if let Edit::Set(name) = username {
        let columns = (
            users::username.eq(name.as_ref().map(Username::as_str)),
            users::username_canonical.eq(name.as_ref().map(Username::canonical)),
        );
        diesel::update(user()).set(columns).execute(connection)?;
    }
    if let Edit::Set(name) = display_name {
        let column = users::display_name.eq(name.as_ref().map(DisplayName::as_str));
        diesel::update(user()).set(column).execute(connection)?;
    }
    if let Edit::Set(settings) = settings {
        let column = users::settings.eq(settings.as_json());
        diesel::update(user()).set(column).execute(connection)?;
    }
    let edited = diesel::update(user())
        .set(users::updated_at.eq(micros(at)))
        .execute(connection)?;
    expect_one_user(edited)
}

fn set_verified_email(
    connection: &mut SqliteConnection,
    id: UserId,
    email: &EmailAddress,
    at: Timestamp,
) -> Result<(), Failure> {
    let proven = diesel::update(users::table.find(id.0.as_bytes()))
        .set((
            users::email_verified_at.eq(micros(at)),
            users::updated_at.eq(micros(at)),
        ))
        .execute(connection)?;
    diesel::update(users::table.find(id.0.as_bytes()))
        .filter(users::email_canonical.ne(email.canonical()))
        .set((
            users::email.eq(email.as_str()),
            users::email_canonical.eq(email.canonical()),
        ))
        .execute(connection)?;
    expect_one_user(proven)
}

/// Sessions and roles go with the user by their foreign keys.
fn delete(connection: &mut SqliteConnection, id: UserId) -> Result<(), Failure> {
    let theirs = users::table.find(id.0.as_bytes()).select(users::email_canonical);
    let email: Option<String> = theirs.get_result(connection).optional()?;
    if let Some(canonical) = email {
        registrations::drop_all_for(connection, &canonical)?;
    }
    diesel::delete(challenges::table.filter(challenges::user_id.eq(id.0.as_bytes()))).execute(connection)?;
    let deleted = diesel::delete(users::table.find(id.0.as_bytes())).execute(connection)?;
    expect_one_user(deleted)
}

fn expect_one_user(changed: usize) -> Result<(), Failure> {
    if changed == 1 {
        Ok(())
    } else {
        Err(Constraint::UserExists.into())
    }
}
