//! Letting a request in: who calls, what it may do, and whether it still has requests left.

use std::{
    net::{IpAddr, Ipv4Addr},
    sync::Arc,
};

use actix_web::{
    HttpMessage, HttpRequest, HttpResponse,
    body::BoxBody,
    dev::{ServiceRequest, ServiceResponse},
    middleware::Next,
    web,
};
use chassis::{Caller, Context};
use futures::{FutureExt, future::LocalBoxFuture};
use problem::Failure;

use crate::{
    callers::{self, Identity},
    error::Error,
    gateway::Gateway,
    limits::Client,
    routing::{Access, canonical},
};

/// Establishes who calls, for chassis to check against the gateway's own document.
pub fn authenticate<'a>(
    request: &'a HttpRequest,
    _: &'a Context,
) -> LocalBoxFuture<'a, Result<Option<Caller>, Failure>> {
    async move {
        let gateway = gateway(request)?;
        let Some(credential) = callers::credential(request.headers()) else {
            return if gateway.is_guarded(request) { Err(gateway.refuse(request).into()) } else { Ok(None) };
        };
        let Some(identity) = gateway.callers.identify(credential).await.map_err(Error::from)? else {
            return Err(gateway.refuse(request).into());
        };
        let caller = Caller::clone(&identity.caller);
        request.extensions_mut().insert(identity);
        Ok(Some(caller))
    }
    .boxed_local()
}

/// Counts every request that was not refused before, and writes on its answer what is left.
pub async fn meter(request: ServiceRequest, next: Next<BoxBody>) -> Result<ServiceResponse<BoxBody>, actix_web::Error> {
    let gateway = gateway(request.request())?;
    let client = match identity(request.request()) {
        Some(identity) => identity.client.clone(),
        None => Client::Address(address(request.request())),
    };
    let (standing, mut response) = match gateway.limits.count(&client) {
        Ok(standing) => (standing, next.call(request).await?),
        Err(wait) => {
            let refusal = HttpResponse::from_error(Failure::from(Error::TooManyRequests(wait)));
            // Not `into_response`, which forgets the failure that the document is completed from.
            let response = ServiceResponse::new(request.request().clone(), refusal);
            (gateway.limits.exhausted(), response)
        }
    };
    standing.write(response.headers_mut());
    Ok(response)
}

/// Who calls, if it has shown a credential.
pub fn identity(request: &HttpRequest) -> Option<Arc<Identity>> {
    request.extensions().get::<Arc<Identity>>().cloned()
}

/// Whether the caller may do what needs this.
pub fn authorise(identity: Option<&Identity>, access: &Access) -> Result<(), Error> {
    match (identity, access) {
        (_, Access::Public) => Ok(()),
        (None, Access::Callers(_)) => Err(Error::Unauthenticated),
        (Some(identity), Access::Callers(_)) => match access.missing(&identity.caller.permissions) {
            None => Ok(()),
            Some(permission) => Err(Error::Forbidden { permission: permission.to_owned() }),
        },
    }
}

/// Where the connection comes from. What a header claims is not believed: anyone can write one.
pub fn address(request: &HttpRequest) -> IpAddr {
    request.peer_addr().map_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED), |peer| peer.ip())
}

fn gateway(request: &HttpRequest) -> Result<&Gateway, Failure> {
    let gateway = request.app_data::<web::Data<Gateway>>().map(|gateway| &***gateway);
    gateway.ok_or_else(|| Error::Misconfigured.into())
}

impl Gateway {
    fn is_guarded(&self, request: &HttpRequest) -> bool {
        let catalogue = self.services.catalogue();
        let operation = canonical(request.path())
            .and_then(|path| catalogue.table.find(&path))
            .and_then(|resource| resource.operation(request.method()));
        operation.is_some_and(|operation| operation.access != Access::Public)
    }

    /// Whoever tries keys runs out of tries.
    fn refuse(&self, request: &HttpRequest) -> Error {
        match self.limits.count(&Client::Address(address(request))) {
            Ok(_) => Error::Unauthenticated,
            Err(wait) => Error::TooManyRequests(wait),
        }
    }
}
