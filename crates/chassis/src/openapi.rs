use actix_web::App;
use utoipa::openapi::{
    Content, OpenApi, Ref, RefOr, Required, ResponseBuilder,
    path::{Operation, ParameterBuilder, ParameterIn, PathItem},
    schema::{ObjectBuilder, Type},
    security::{Http, HttpAuthScheme, SecurityScheme},
};
use utoipa::{PartialSchema as _, ToSchema as _};
use utoipa_actix_web::AppExt as _;
use utoipa_actix_web::service_config::ServiceConfig;

use crate::{Routes, SCHEME, Service};

/// The service's OpenAPI document: its own info, the paths of its routes, and what every service has in common.
#[must_use]
pub fn openapi(service: &Service) -> OpenApi {
    let described = |config: &mut ServiceConfig| (service.routes)(&mut Routes::described(config));
    let app = App::new().into_utoipa_app().openapi((service.openapi)()).configure(described);
    let mut document = app.split_for_parts().1;
    let components = document.components.get_or_insert_default();
    components.schemas.insert("Problem".to_owned(), problem::Problem::schema());
    let mut referenced = vec![];
    problem::Problem::schemas(&mut referenced);
    components.schemas.extend(referenced);
    let mut scheme = Http::new(HttpAuthScheme::Bearer);
    scheme.description = Some("Whoever the gateway has let in; the scopes are the permissions needed.".to_owned());
    components.security_schemes.entry(SCHEME.to_owned()).or_insert(RefOr::T(SecurityScheme::Http(scheme)));
    for item in document.paths.paths.values_mut() {
        complete(item);
    }
    document
}

fn complete(item: &mut PathItem) {
    let PathItem { get, put, post, delete, patch, .. } = item;
    for operation in [&mut *get, put, post, delete, patch].into_iter().flatten() {
        may_fail(operation);
    }
    if let Some(operation) = post {
        takes_idempotency_key(operation);
    }
}

fn may_fail(operation: &mut Operation) {
    let schema = Ref::from_schema_name("Problem");
    let problem = ResponseBuilder::new()
        .description("What went wrong (RFC 9457)")
        .content(problem::CONTENT_TYPE, Content::new(Some(schema)))
        .build();
    operation.responses.responses.entry("default".to_owned()).or_insert(RefOr::T(problem));
}

fn takes_idempotency_key(operation: &mut Operation) {
    let text = ObjectBuilder::new().schema_type(Type::String).min_length(Some(1)).max_length(Some(255)).build();
    let header = ParameterBuilder::new()
        .name("Idempotency-Key")
        .parameter_in(ParameterIn::Header)
        .required(Required::False)
        .description(Some("Any text new for each request: repeated with it, the request is done once (24 hours)."))
        .schema(Some(text))
        .build();
    operation.parameters.get_or_insert_default().push(RefOr::T(header));
}
