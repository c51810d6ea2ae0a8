//! `DELETE /users/me`

use crate::cookies;
use crate::extract::{Authenticated, Body, RequestOrigin};
use crate::problem::Problem;
use crate::state::HttpState;
use actix_web::{HttpResponse, web};
use secrecy::SecretString;
use serde::Deserialize;
use utoipa::ToSchema;
use validator::Validate;

/// The account's password.
#[derive(Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct DeleteAccountBody {
    #[schema(schema_with = crate::schema::password)]
    password: SecretString,
}

/// Delete one's account
///
/// For good, with everything that belongs to it.
#[utoipa::path(
    delete, path = "/api/v1/users/me", operation_id = "delete_account", tag = "The account",
    request_body = DeleteAccountBody,
    responses((status = 204, description = "Deleted")),
    security(("bearer" = [])),
)]
pub(crate) async fn handle(
    Authenticated(identity): Authenticated,
    state: web::Data<HttpState>,
    RequestOrigin(context): RequestOrigin,
    Body(body): Body<DeleteAccountBody>,
) -> Result<HttpResponse, Problem> {
    state
        .application
        .delete_account
        .execute(&identity, &body.password, &context)
        .await?;
    let removal = cookies::refresh_removal(state.settings.cookie_same_site);
    Ok(HttpResponse::NoContent().append_header(removal).finish())
}
