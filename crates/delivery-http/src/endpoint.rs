//! One row of the route table.

use crate::extract::FORM_MEDIA_TYPE;
use crate::middleware::RoutePattern;
use crate::problem::Problem;
use actix_web::guard::{self, GuardContext};
use actix_web::http::Method;
use actix_web::http::header::CONTENT_TYPE;
use actix_web::{FromRequest, Handler, HttpResponse, Resource, Responder, web};

/// A path, and what answers to which method there. Any other method is a 405 that says which ones there are.
pub(crate) struct Endpoint {
    pub(crate) path: &'static str,
    pub(crate) methods: Vec<Method>,
    resource: Resource,
}

impl Endpoint {
    /// Nothing yet, at that path.
    pub(crate) fn at(path: &'static str) -> Self {
        Self {
            path,
            methods: Vec::new(),
            resource: web::resource(path),
        }
    }

    /// Answers GET, and HEAD with it (RFC 9110 §9.1).
    pub(crate) fn get<F, Args>(self, handler: F) -> Self
    where
        F: Handler<Args>,
        Args: FromRequest + 'static,
        F::Output: Responder + 'static,
    {
        let either = guard::Any(guard::Get()).or(guard::Head());
        let route = web::route().guard(either).to(handler);
        Self {
            methods: [self.methods, vec![Method::GET, Method::HEAD]].concat(),
            resource: self.resource.route(route),
            ..self
        }
    }

    /// Answers that method.
    pub(crate) fn on<F, Args>(self, method: Method, handler: F) -> Self
    where
        F: Handler<Args>,
        Args: FromRequest + 'static,
        F::Output: Responder + 'static,
    {
        let route = web::method(method.clone()).to(handler);
        Self {
            methods: [self.methods, vec![method]].concat(),
            resource: self.resource.route(route),
            ..self
        }
    }

    /// Answers a POST whose body is a form; goes before any other POST.
    pub(crate) fn post_form<F, Args>(self, handler: F) -> Self
    where
        F: Handler<Args>,
        Args: FromRequest + 'static,
        F::Output: Responder + 'static,
    {
        let route = web::post().guard(guard::fn_guard(has_form)).to(handler);
        Self {
            resource: self.resource.route(route),
            ..self
        }
    }

    /// The row, for actix.
    pub(crate) fn into_resource(self) -> Resource {
        let methods: Vec<&str> = self.methods.iter().map(Method::as_str).collect();
        let allow = methods.join(", ");
        let not_allowed = web::to(move || {
            let problem = Problem::method_not_allowed(&allow);
            async move { Err::<HttpResponse, _>(problem) }
        });
        let resource = self.resource.app_data(RoutePattern(self.path));
        resource.default_service(not_allowed)
    }
}

fn has_form(context: &GuardContext<'_>) -> bool {
    let media_type = context.head().headers().get(CONTENT_TYPE);
    let essence = media_type.and_then(|value| value.to_str().ok()?.split(';').next());
    essence.is_some_and(|essence| essence.trim().eq_ignore_ascii_case(FORM_MEDIA_TYPE))
}
