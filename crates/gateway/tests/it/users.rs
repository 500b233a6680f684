use serde_json::json;
use testkit::TestDb;

use crate::house::{House, PASSWORD, problem};

testkit::both! {
    async fn users_are_created_listed_and_changed(db: TestDb) {
        let house = House::alone(db).await;
        for login in ["wang.fang", "li.wei", "zhang.min"] {
            let new = json!({ "login": login, "display_name": "某人", "password": PASSWORD, "roles": ["viewer"] });
            let created = house.admin().post("/api/v1/users", &new).await;
            let (location, etag) = (created.header("location").unwrap().to_owned(), created.etag());
            let created = created.expect(201);
            assert_eq!(location, format!("/api/v1/users/{}", created["id"].as_str().unwrap()));
            assert_eq!(etag, "\"1\"");
            assert!(created.get("password").is_none() && created.get("password_hash").is_none());
            assert_eq!(house.admin().get(&location).await.expect(200), created);
        }
        let first = house.admin().get("/api/v1/users?limit=2&count=exact").await.expect(200);
        assert_eq!((&first["items"][0]["login"], &first["items"][1]["login"]), (&json!("li.wei"), &json!("wang.fang")));
        assert_eq!(first["count"], 3);
        let next = format!("/api/v1/users?limit=2&cursor={}", first["next_cursor"].as_str().unwrap());
        let last = house.admin().get(&next).await.expect(200);
        assert_eq!((&last["items"][0]["login"], &last["next_cursor"]), (&json!("zhang.min"), &json!(null)));

        let path = format!("/api/v1/users/{}", first["items"][0]["id"].as_str().unwrap());
        let renamed = house.admin().patch(&path, "\"1\"", &json!({ "display_name": "李伟" })).await;
        assert_eq!(renamed.etag(), "\"2\"");
        assert_eq!(renamed.expect(200)["display_name"], "李伟");
        let stale = house.admin().patch(&path, "\"1\"", &json!({ "display_name": "x" })).await;
        assert_eq!(stale.problem(), (412, "version-stale"));
        let blind = house.admin().request(reqwest::Method::PATCH, &path).json(&json!({}));
        assert_eq!(house.admin().send(blind).await.problem(), (428, "if-match-missing"));
    }

    async fn a_login_name_is_taken_once(db: TestDb) {
        let house = House::alone(db).await;
        house.user("li.wei", &["viewer"]).await;
        let again = json!({ "login": "LI.WEI", "display_name": "x", "password": PASSWORD, "roles": ["viewer"] });
        let refused = problem(house.admin().post("/api/v1/users", &again).await);
        insta::allow_duplicates! {
            insta::assert_json_snapshot!(refused, @r#"
            {
              "code": "login-taken",
              "detail": "the login name li.wei is taken",
              "instance": "/api/v1/users",
              "status": 409,
              "title": "Login name taken",
              "trace_id": "<trace>",
              "type": "/problems/login-taken"
            }
            "#);
        }
    }

    async fn the_last_administrator_stays(db: TestDb) {
        let house = House::alone(db).await;
        let (root, _) = house.user("root", &["admin"]).await;
        let path = format!("/api/v1/users/{}", root["id"].as_str().unwrap());
        for change in [json!({ "disabled": true }), json!({ "roles": ["viewer"] })] {
            assert_eq!(house.admin().patch(&path, "*", &change).await.problem(), (409, "last-administrator"));
        }
        house.user("second", &["admin", "manager"]).await;
        house.admin().patch(&path, "*", &json!({ "roles": ["viewer"] })).await.expect(200);
    }
}

#[tokio::test]
async fn every_wrong_field_of_a_user_is_named() {
    let house = House::alone(TestDb::sqlite()).await;
    let new = json!({ "login": ".li", "display_name": "", "password": "short", "roles": ["king"], "admin": true });
    insta::assert_json_snapshot!(problem(house.admin().post("/api/v1/users", &new).await), @r#"
    {
      "code": "fields-invalid",
      "detail": "5 values in the body are wrong",
      "errors": [
        {
          "code": "unknown-field",
          "message": "there is no such field",
          "pointer": "/admin"
        },
        {
          "code": "too-short",
          "message": "must not be empty",
          "pointer": "/display_name"
        },
        {
          "code": "bad-format",
          "message": "must match ^[A-Za-z0-9][A-Za-z0-9._@+-]*$",
          "pointer": "/login"
        },
        {
          "code": "too-short",
          "message": "must be at least 10 characters",
          "pointer": "/password"
        },
        {
          "code": "not-allowed",
          "message": "must be one of admin, manager, account_manager, complaint_handler, viewer, integration, delivery",
          "pointer": "/roles/0"
        }
      ],
      "instance": "/api/v1/users",
      "status": 422,
      "title": "Fields invalid",
      "trace_id": "<trace>",
      "type": "/problems/fields-invalid"
    }
    "#);
}

#[tokio::test]
async fn roles_show_what_they_allow() {
    let house = House::alone(TestDb::sqlite()).await;
    let roles = house.viewer().get("/api/v1/roles").await.expect(200);
    assert_eq!(roles["items"].as_array().unwrap().len(), 7);
    assert_eq!(roles["items"][0]["role"], "admin");
    let me = house.admin().get("/api/v1/me").await.expect(200);
    assert_eq!(roles["items"][0]["permissions"], me["permissions"]);
}
