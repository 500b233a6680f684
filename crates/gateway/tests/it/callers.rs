use gateway::bootstrap;
use serde_json::json;
use testkit::eventually;

use crate::house::House;

testkit::both! {
    async fn a_key_is_shown_once_and_works_until_it_is_revoked(db: TestDb) {
        let house = House::with_registry(db).await;
        let new = json!({ "name": "SAP", "roles": ["integration"] });
        let issued = house.admin().post("/api/v1/api-keys", &new).await;
        assert_eq!(issued.header("cache-control"), Some("no-store"));
        let issued = issued.expect(201);
        let (id, key) = (issued["id"].as_str().unwrap(), issued["key"].as_str().unwrap());
        assert!(key.starts_with(issued["hint"].as_str().unwrap()));

        let me = house.someone(key).get("/api/v1/me").await.expect(200);
        assert_eq!(me["id"], format!("key:{id}"));
        assert_eq!((&me["kind"], &me["name"]), (&json!("api_key"), &json!("SAP")));
        assert_eq!(me["roles"], json!(["integration"]));
        house.someone(key).get("/api/v1/customers/C-000001").await.expect(200);

        let shown = house.admin().get(&format!("/api/v1/api-keys/{id}")).await.expect(200);
        assert!(shown.get("key").is_none() && shown.get("key_hash").is_none());
        let listed = house.admin().get("/api/v1/api-keys?revoked=false&count=exact").await.expect(200);
        assert_eq!(listed["count"], 3);

        house.admin().delete(&format!("/api/v1/api-keys/{id}")).await.expect(204);
        assert_eq!(house.someone(key).get("/api/v1/me").await.problem(), (401, "unauthenticated"));
        assert_eq!(house.someone(key).get("/api/v1/customers/C-000001").await.problem(), (401, "unauthenticated"));
        house.admin().delete(&format!("/api/v1/api-keys/{id}")).await.expect(204);
        let shown = house.admin().get(&format!("/api/v1/api-keys/{id}")).await.expect(200);
        assert!(shown["revoked_at"].is_string());
    }

    async fn a_key_is_not_issued_twice_for_one_request(db: TestDb) {
        let house = House::alone(db).await;
        let admin = house.admin();
        let issue = || {
            let new = json!({ "name": "SAP", "roles": ["integration"] });
            let request = admin.request(reqwest::Method::POST, "/api/v1/api-keys").json(&new);
            admin.send(request.header("idempotency-key", "k1"))
        };
        issue().await.expect(201);
        assert_eq!(issue().await.problem(), (409, "api-key-issued-already"));
        assert_eq!(house.admin().get("/api/v1/api-keys?count=exact").await.expect(200)["count"], 3);
    }

    async fn the_use_of_a_key_is_noted(db: TestDb) {
        let house = House::alone(db).await;
        house.admin().get("/api/v1/me").await.expect(200);
        eventually(|| async {
            let keys = house.admin().get("/api/v1/api-keys?sort=name").await.expect(200);
            if keys["items"][0]["last_used_at"].is_string() { Ok(()) } else { Err(keys) }
        })
        .await;
    }

    async fn an_expired_key_is_refused(db: TestDb) {
        let house = House::alone(db).await;
        let expiring = |at: chrono::DateTime<chrono::Utc>| json!({ "name": "x", "roles": ["viewer"], "expires_at": at });
        let now = chrono::Utc::now();
        let past = house.admin().post("/api/v1/api-keys", &expiring(now)).await;
        assert_eq!(past.problem(), (422, "fields-invalid"));
        let soon = house.admin().post("/api/v1/api-keys", &expiring(now + chrono::TimeDelta::milliseconds(500))).await.expect(201);
        let key = soon["key"].as_str().unwrap();
        eventually(|| async {
            let status = house.someone(key).get("/api/v1/me").await.status;
            if status == 401 { Ok(()) } else { Err(status) }
        })
        .await;
    }

    async fn the_last_administrators_key_is_kept(db: TestDb) {
        let house = House::alone(db).await;
        let keys = house.admin().get("/api/v1/api-keys?sort=name").await.expect(200);
        let path = format!("/api/v1/api-keys/{}", keys["items"][0]["id"].as_str().unwrap());
        assert_eq!(house.admin().delete(&path).await.problem(), (409, "last-administrator"));
        let (_, root) = house.user("root", &["admin"]).await;
        house.admin().delete(&path).await.expect(204);
        root.get("/api/v1/users").await.expect(200);
    }

    async fn the_bootstrap_key_is_taken_over_once(db: TestDb) {
        const FIRST: &str = "first-key-of-all-0001";
        const SECOND: &str = "another-key-000000002";
        let house = House::without_callers(db, &[], &[("bootstrap_api_key", FIRST)]).await;
        let me = eventually(|| async {
            let me = house.someone(FIRST).get("/api/v1/me").await;
            if me.status == 200 { Ok(me.body) } else { Err(me.status) }
        })
        .await;
        assert_eq!((&me["name"], &me["roles"]), (&json!("bootstrap"), &json!(["admin"])));

        let (db, _) = house.gateway.stop().await;
        bootstrap::ensure_first_key(&db, SECOND).await.unwrap();
        let house = House::without_callers(db, &[], &[("bootstrap_api_key", SECOND)]).await;
        assert_eq!(house.someone(SECOND).get("/api/v1/me").await.status, 401);
        let keys = house.someone(FIRST).get("/api/v1/api-keys?count=exact").await.expect(200);
        assert_eq!((&keys["count"], &keys["items"][0]["hint"]), (&json!(1), &json!(null)));
    }
}
