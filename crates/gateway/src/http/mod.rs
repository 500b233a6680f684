//! The gateway's own routes; everything else goes to the services.

mod customer_360;
mod docs;
mod keys;
mod me;
mod sessions;
mod users;

pub use docs::info;

use actix_web::{
    http::header::HeaderValue,
    middleware::from_fn,
    web::{self, Data},
};
use chassis::{Context, Routes};
use utoipa_actix_web::{scope, service_config::ServiceConfig};

use crate::{admission, gateway::Gateway, proxy};

/// On answers that hold a secret: they are kept nowhere.
const NO_STORE: HeaderValue = HeaderValue::from_static("no-store");

pub fn routes(c: &mut Routes) {
    let own = |c: &mut ServiceConfig| {
        c.service(me::get_me)
            .service(me::change_password)
            .service(me::list_roles)
            .service(sessions::open_session)
            .service(sessions::close_session)
            .service(users::create_user)
            .service(users::list_users)
            .service(users::get_user)
            .service(users::change_user)
            .service(keys::issue_api_key)
            .service(keys::list_api_keys)
            .service(keys::get_api_key)
            .service(keys::revoke_api_key)
            .service(customer_360::get_customer_360)
            .map(docs::pages);
    };
    // One scope over everything, so that everything is counted.
    c.service(scope("").configure(own).default_service(web::to(proxy::forward)).wrap(from_fn(admission::meter)));
}

/// Gives every worker the gateway they share.
pub fn share(config: &mut web::ServiceConfig, context: &Context) {
    config.app_data(Data::from(Gateway::of(context))).configure(docs::of_all);
}
