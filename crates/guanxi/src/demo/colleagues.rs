//! Our own people of the demo, as users who may log in once somebody gives them a password.

use std::collections::HashMap;

use gateway::v1::{User, UserId};
use serde_json::json;
use wire::Page;

use super::DemoError;
use super::names::{COLLEAGUES, Desk};
use crate::credentials::Login;
use crate::inside::Inside;

/// Makes those users that are missing; returns everyone's id.
pub async fn admit(inside: &Inside<'_>) -> Result<HashMap<String, UserId>, DemoError> {
    let there: Page<User> = inside.get("/api/v1/users?limit=200").await?;
    let mut ids: HashMap<String, UserId> = there.items.into_iter().map(|user| (user.login, user.id)).collect();
    for &(login, name, desk) in COLLEAGUES {
        if !ids.contains_key(login) {
            let password = Login::random(login)?.password;
            let new = json!({"login": login, "display_name": name, "password": password, "roles": [role(desk)]});
            let user: User = inside.post("/api/v1/users", &new).await?;
            ids.insert(user.login, user.id);
        }
    }
    Ok(ids)
}

fn role(desk: Desk) -> &'static str {
    match desk {
        Desk::Home | Desk::Abroad | Desk::Engineering => "account_manager",
        Desk::Management => "manager",
        Desk::Complaints => "complaint_handler",
    }
}
