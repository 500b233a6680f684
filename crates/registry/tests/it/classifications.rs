use registry_contract::Customer;
use serde_json::{Value, json};
use testkit::{Client, both};

use crate::support::{CUSTOMERS, at, create, faults, named, start};

const LISTS: &str = "/api/v1/classifications";

async fn items(client: &Client, path: &str) -> Vec<Value> {
    client.get(&format!("{LISTS}/{path}")).await.expect(200)["items"].as_array().expect("items").clone()
}

both! {
    async fn standard_lists_have_names_in_both_languages(db: TestDb) {
        let (_app, client) = start(db).await;
        let industries = items(&client, "industries").await;
        assert_eq!(industries.len(), 20 + 97);
        let software = industries.iter().find(|entry| entry["code"] == "gbt4754:I65").expect("software");
        insta::assert_json_snapshot!(software, @r#"
        {
          "code": "gbt4754:I65",
          "name_en": "Software and information technology services",
          "name_zh": "软件和信息技术服务业",
          "parent": "gbt4754:I"
        }
        "#);
        assert_eq!(items(&client, "industries?scheme=isic").await.len(), 21);
        let regions = items(&client, "regions?country=CN").await;
        assert_eq!(regions.len(), 34);
        insta::assert_json_snapshot!(regions[0], @r#"
        {
          "code": "CN-AH",
          "name_en": "Anhui",
          "name_zh": "安徽省",
          "parent": "CN"
        }
        "#);
        for wrong in ["industries?scheme=nace", "regions", "regions?country=China"] {
            assert_eq!(client.get(&format!("{LISTS}/{wrong}")).await.problem(), (400, "query-invalid"), "{wrong}");
        }
    }

    async fn customers_are_classified_by_them(db: TestDb) {
        let (_app, client) = start(db).await;
        let acme = create(&client, json!({
            "name": "Acme", "country": "CN", "region": "广东", "region_code": "CN-GD", "industry": "软件",
            "industry_code": "gbt4754:I65",
        }))
        .await;
        assert_eq!((acme.region_code.as_deref(), acme.industry_code.as_deref()), (Some("CN-GD"), Some("gbt4754:I65")));
        create(&client, json!({ "name": "Beta", "industry_code": "gbt4754:I" })).await;
        named(&client, "Gamma").await;
        for (query, expected) in [
            ("industry_code=gbt4754:I", 2),
            ("industry_code=gbt4754:I65", 1),
            ("industry_code=gbt4754:I6", 1),
            ("industry_code=gbt4754:J", 0),
            ("industry_code=gbt4754:J,gbt4754:I65", 1),
            ("region_code=CN-GD", 1),
            ("region_code=CN-GD,CN-BJ&industry_code=gbt4754:I65", 1),
            ("region_code=CN-BJ", 0),
        ] {
            let page = client.get(&format!("{CUSTOMERS}?{query}")).await.expect(200);
            assert_eq!(page["items"].as_array().map(Vec::len), Some(expected), "{query}");
        }

        let refused = client.post(CUSTOMERS, &json!({ "name": "N", "country": "DE", "region_code": "CN-GD",
            "industry_code": "gbt4754:C65", "time_zone": "Asia/Shenzhen" })).await.expect(422);
        assert_eq!(
            faults(&refused),
            [("/industry_code", "unknown-industry"), ("/region_code", "unknown-region"), ("/time_zone", "unknown-time-zone")]
        );
        let moved: Customer = client.patch(&at(&acme), "*", &json!({ "country": "DE" })).await.read(200);
        assert_eq!(moved.region_code, None, "a subdivision does not follow to another country");
        let both = json!({ "country": "DE", "region_code": "DE-BY", "industry_code": null });
        let moved: Customer = client.patch(&at(&acme), "*", &both).await.read(200);
        assert_eq!((moved.region_code.as_deref(), moved.industry_code), (Some("DE-BY"), None));
    }
}
