use actix_web::dev::HttpServiceFactory;
use actix_web::web;
use utoipa_actix_web::OpenApiFactory;
use utoipa_actix_web::service_config::ServiceConfig;

/// Where a service's routes are put: in an application that serves them, or in the one that describes them in the OpenAPI
/// document. Describing them takes megabytes, which every worker would build and throw away.
pub struct Routes<'a, 'b>(Target<'a, 'b>);

enum Target<'a, 'b> {
    Served(&'a mut web::ServiceConfig),
    Described(&'a mut ServiceConfig<'b>),
}

impl<'a, 'b> Routes<'a, 'b> {
    pub(crate) fn served(config: &'a mut web::ServiceConfig) -> Self {
        Self(Target::Served(config))
    }

    pub(crate) fn described(config: &'a mut ServiceConfig<'b>) -> Self {
        Self(Target::Described(config))
    }

    /// Adds a handler that `#[utoipa::path]` describes, or a scope of them.
    pub fn service<F: HttpServiceFactory + OpenApiFactory + 'static>(&mut self, factory: F) -> &mut Self {
        match &mut self.0 {
            Target::Served(config) => {
                config.service(factory);
            }
            Target::Described(config) => {
                config.service(factory);
            }
        }
        self
    }
}
