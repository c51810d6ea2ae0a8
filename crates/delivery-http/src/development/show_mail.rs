//! `GET /dev/mail/{id}`

use crate::development::{find, list_mail};
use crate::extract::Public;
use crate::problem::Problem;
use crate::state::HttpState;
use actix_web::http::StatusCode;
use actix_web::{HttpResponse, web};
use minijinja::context;

/// Shows a mail: the text, and the HTML in a frame of its own.
pub(crate) async fn handle(
    _guard: Public,
    state: web::Data<HttpState>,
    id: web::Path<String>,
) -> Result<HttpResponse, Problem> {
    let mail = find(&state, &id).await?;
    let page = context! {
        title => mail.summary.subject.as_str(),
        wide => true,
        mail => list_mail::row(&mail.summary),
        text => mail.text,
    };
    Ok(state.pages.render(StatusCode::OK, "development/mail.html", page))
}
