//! `GET /dev/mail/{id}/html`

use crate::development::find;
use crate::extract::Public;
use crate::problem::Problem;
use crate::state::HttpState;
use actix_web::http::header::{CONTENT_SECURITY_POLICY, ContentType};
use actix_web::{HttpResponse, web};

/// A mail may look as it likes and link where it likes; it runs nothing and loads nothing.
const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-ancestors 'self'; \
    sandbox allow-top-navigation-by-user-activation";

/// The HTML part, as a mail program would show it; its links open in the whole window.
pub(crate) async fn handle(
    _guard: Public,
    state: web::Data<HttpState>,
    id: web::Path<String>,
) -> Result<HttpResponse, Problem> {
    let mail = find(&state, &id).await?;
    Ok(HttpResponse::Ok()
        .content_type(ContentType::html())
        .insert_header((CONTENT_SECURITY_POLICY, POLICY))
        .body(format!("<base target=\"_top\">{}", mail.html)))
}
