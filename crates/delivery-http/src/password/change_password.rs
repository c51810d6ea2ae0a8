//! `POST /users/me/password`

use crate::extract::{Authenticated, Body, RequestOrigin};
use crate::problem::Problem;
use crate::state::HttpState;
use actix_web::{HttpResponse, web};
use gatewright_application::password::change_password::ChangePasswordCommand;
use secrecy::SecretString;
use serde::Deserialize;
use utoipa::ToSchema;
use validator::Validate;

/// The password so far, and the one to be.
#[derive(Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ChangePasswordBody {
    #[schema(schema_with = crate::schema::password)]
    current_password: SecretString,
    #[schema(schema_with = crate::schema::new_password)]
    new_password: SecretString,
}

/// Change one's password
///
/// Every other session of the account ends, and its owner is told by mail.
#[utoipa::path(
    post, path = "/api/v1/users/me/password", operation_id = "change_password", tag = "Password and e-mail",
    request_body = ChangePasswordBody,
    responses((status = 204, description = "Changed")),
    security(("bearer" = [])),
)]
pub(crate) async fn handle(
    Authenticated(identity): Authenticated,
    state: web::Data<HttpState>,
    RequestOrigin(context): RequestOrigin,
    Body(body): Body<ChangePasswordBody>,
) -> Result<HttpResponse, Problem> {
    let command = ChangePasswordCommand {
        identity,
        current_password: body.current_password,
        new_password: body.new_password,
        context,
    };
    state.application.change_password.execute(command).await?;
    Ok(HttpResponse::NoContent().finish())
}
