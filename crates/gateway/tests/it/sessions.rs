use serde_json::json;
use testkit::TestDb;

use crate::house::{House, PASSWORD, problem};

testkit::both! {
    async fn a_user_logs_in_and_out(db: TestDb) {
        let house = House::alone(db).await;
        let (user, li) = house.user("Li.Wei", &["account_manager"]).await;
        assert_eq!(user["login"], "li.wei");
        let me = li.get("/api/v1/me").await.expect(200);
        assert_eq!(me["id"], format!("user:{}", user["id"].as_str().unwrap()));
        assert_eq!((&me["kind"], &me["name"]), (&json!("user"), &json!("li.wei")));
        li.delete("/api/v1/sessions/current").await.expect(204);
        assert_eq!(li.get("/api/v1/me").await.problem(), (401, "unauthenticated"));
        assert_eq!(house.admin().delete("/api/v1/sessions/current").await.problem(), (409, "no-session"));
    }

    async fn a_disabled_user_is_out_at_once(db: TestDb) {
        let house = House::alone(db).await;
        let (user, li) = house.user("li.wei", &["viewer"]).await;
        li.get("/api/v1/me").await.expect(200);
        let path = format!("/api/v1/users/{}", user["id"].as_str().unwrap());
        house.admin().patch(&path, "*", &json!({ "disabled": true })).await.expect(200);
        assert_eq!(li.get("/api/v1/me").await.problem(), (401, "unauthenticated"));
        assert_eq!(house.log_in("li.wei", PASSWORD).await.problem(), (401, "login-refused"));
        house.admin().patch(&path, "*", &json!({ "disabled": false })).await.expect(200);
        assert_eq!(li.get("/api/v1/me").await.status, 401, "its sessions are over");
        house.log_in("li.wei", PASSWORD).await.expect(201);
    }

    async fn changed_roles_take_effect(db: TestDb) {
        let house = House::with_registry(db).await;
        let (user, li) = house.user("li.wei", &["viewer"]).await;
        let new = json!({ "name": "华为" });
        assert_eq!(li.post("/api/v1/customers", &new).await.problem(), (403, "permission-missing"));
        let path = format!("/api/v1/users/{}", user["id"].as_str().unwrap());
        house.admin().patch(&path, "*", &json!({ "roles": ["account_manager", "viewer", "viewer"] })).await.expect(200);
        let created = li.post("/api/v1/customers", &new).await.expect(201);
        assert_eq!(created["roles"], json!(["account_manager", "viewer"]));
    }

    async fn a_changed_password_ends_the_other_sessions(db: TestDb) {
        let house = House::alone(db).await;
        let (_, here) = house.user("li.wei", &["viewer"]).await;
        let there = house.log_in("li.wei", PASSWORD).await.expect(201);
        let there = house.someone(there["token"].as_str().unwrap());
        let change = |current: &str, new: &str| json!({ "current_password": current, "new_password": new });
        let wrong = here.post("/api/v1/me/password", &change("a wrong one", "a better password")).await.expect(422);
        assert_eq!(wrong["errors"][0]["pointer"], "/current_password");
        there.get("/api/v1/me").await.expect(200);

        here.post("/api/v1/me/password", &change(PASSWORD, "a better password")).await.expect(204);
        here.get("/api/v1/me").await.expect(200);
        assert_eq!(there.get("/api/v1/me").await.status, 401);
        assert_eq!(house.log_in("li.wei", PASSWORD).await.status, 401);
        house.log_in("li.wei", "a better password").await.expect(201);
        let by_key = house.admin().post("/api/v1/me/password", &change(PASSWORD, "a better password")).await;
        assert_eq!(by_key.problem(), (409, "no-password"));
    }
}

#[tokio::test]
async fn an_unknown_user_and_a_wrong_password_are_answered_alike() {
    let house = House::alone(TestDb::sqlite()).await;
    house.user("li.wei", &["viewer"]).await;
    let wrong = problem(house.log_in("li.wei", "not the password").await);
    let unknown = problem(house.log_in("nobody", "not the password").await);
    assert_eq!(wrong, unknown);
    insta::assert_json_snapshot!(wrong, @r#"
    {
      "code": "login-refused",
      "detail": "login name or password is wrong",
      "instance": "/api/v1/sessions",
      "status": 401,
      "title": "Login refused",
      "trace_id": "<trace>",
      "type": "/problems/login-refused"
    }
    "#);
}

#[tokio::test]
async fn guessing_is_slowed_down() {
    let house = House::alone(TestDb::sqlite()).await;
    house.user("li.wei", &["viewer"]).await;
    for _ in 0..10 {
        assert_eq!(house.log_in("li.wei", "not the password").await.status, 401);
    }
    let refused = house.log_in("li.wei", PASSWORD).await;
    assert_eq!(refused.problem(), (429, "too-many-logins"));
    assert!(refused.header("retry-after").is_some());
    house.user("wang.fang", &["viewer"]).await;
}
