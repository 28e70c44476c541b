-- Misspelt words are found by the pieces they share with known ones.
CREATE EXTENSION IF NOT EXISTS pg_trgm;

-- CreateTable
CREATE TABLE "search_documents" (
    "product_id" UUID NOT NULL,
    "terms" tsvector NOT NULL,
    "name" TEXT NOT NULL,
    "brand" TEXT NOT NULL,
    "category_id" UUID NOT NULL,
    "options" JSONB NOT NULL,
    "price" INTEGER NOT NULL,
    "rating" DECIMAL(2,1),
    "in_stock" BOOLEAN NOT NULL,
    "popularity" INTEGER NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "search_documents_pkey" PRIMARY KEY ("product_id")
);

-- CreateTable
CREATE TABLE "search_words" (
    "word" TEXT NOT NULL,
    "keys" TEXT NOT NULL,

    CONSTRAINT "search_words_pkey" PRIMARY KEY ("word")
);

-- CreateTable
CREATE TABLE "search_brands" (
    "name" TEXT NOT NULL,
    "terms" tsvector NOT NULL,

    CONSTRAINT "search_brands_pkey" PRIMARY KEY ("name")
);

-- CreateIndex
CREATE INDEX "search_documents_terms_idx" ON "search_documents" USING GIN ("terms");

-- CreateIndex
CREATE INDEX "search_documents_brand_idx" ON "search_documents"("brand");

-- CreateIndex
CREATE INDEX "search_words_keys_idx" ON "search_words" USING GIST ("keys" gist_trgm_ops);

-- CreateIndex
CREATE INDEX "search_brands_terms_idx" ON "search_brands" USING GIN ("terms");

-- AddForeignKey
ALTER TABLE "search_documents" ADD CONSTRAINT "search_documents_product_id_fkey" FOREIGN KEY ("product_id") REFERENCES "products"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- Everything below is what Prisma has no words for: how search documents are made, and that they always are.
-- search_normal, search_keys and search_terms are src/search/{normalise,keyboard,terms}.ts again, and a test compares them.

CREATE FUNCTION search_normal(value text) RETURNS text LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $$
DECLARE
    plain constant text := '^[0-9a-z가-힣ㄱ-ㅣ]+( [0-9a-z가-힣ㄱ-ㅣ]+)*$';
    jamo constant text := 'ㄱㄲㄳㄴㄵㄶㄷㄸㄹㄺㄻㄼㄽㄾㄿㅀㅁㅂㅃㅄㅅㅆㅇㅈㅉㅊㅋㅌㅍㅎㅏㅐㅑㅒㅓㅔㅕㅖㅗㅘㅙㅚㅛㅜㅝㅞㅟㅠㅡㅢㅣ';
    -- Where compatibility jamo are kept while NFKD would take them for parts of syllables.
    shelter constant text := U&'\E000\E001\E002\E003\E004\E005\E006\E007\E008\E009\E00A\E00B\E00C\E00D\E00E\E00F\E010\E011\E012\E013\E014\E015\E016\E017\E018\E019\E01A\E01B\E01C\E01D\E01E\E01F\E020\E021\E022\E023\E024\E025\E026\E027\E028\E029\E02A\E02B\E02C\E02D\E02E\E02F\E030\E031\E032';
    text_ text;
BEGIN
    IF value COLLATE "C" ~ plain THEN RETURN value; END IF;
    text_ := normalize(regexp_replace(value COLLATE "C", '[\uE000-\uE032]', ' ', 'g'), NFC);
    text_ := regexp_replace(text_ COLLATE "C", '[\u00ad\u200b-\u200f\u2060\ufeff''’]', '', 'g');
    text_ := normalize(translate(text_, jamo, shelter), NFKD);
    text_ := normalize(regexp_replace(text_ COLLATE "C", '[\u0300-\u036f]', '', 'g'), NFC);
    text_ := translate(text_, shelter, jamo);
    text_ := translate(text_, U&'\1100\1101\1102\1103\1104\1105\1106\1107\1108\1109\110A\110B\110C\110D\110E\110F\1110\1111\1112\1161\1162\1163\1164\1165\1166\1167\1168\1169\116A\116B\116C\116D\116E\116F\1170\1171\1172\1173\1174\1175\11A8\11A9\11AA\11AB\11AC\11AD\11AE\11AF\11B0\11B1\11B2\11B3\11B4\11B5\11B6\11B7\11B8\11B9\11BA\11BB\11BC\11BD\11BE\11BF\11C0\11C1\11C2', 'ㄱㄲㄴㄷㄸㄹㅁㅂㅃㅅㅆㅇㅈㅉㅊㅋㅌㅍㅎㅏㅐㅑㅒㅓㅔㅕㅖㅗㅘㅙㅚㅛㅜㅝㅞㅟㅠㅡㅢㅣㄱㄲㄳㄴㄵㄶㄷㄹㄺㄻㄼㄽㄾㄿㅀㅁㅂㅄㅅㅆㅇㅈㅊㅋㅌㅍㅎ');
    text_ := lower(text_ COLLATE "C");
    text_ := regexp_replace(text_ COLLATE "C", '[^0-9a-z가-힣ㄱ-ㅣ一-鿿ぁ-ゖァ-ヺー]+', ' ', 'g');
    RETURN btrim(text_, ' ');
END $$;

-- The keys of the English keyboard that type a text: 노트북 as shxmqnr.
CREATE FUNCTION search_keys(value text) RETURNS text LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $$
DECLARE
    pairs constant text[] := ARRAY['ㅘ', 'ㅙ', 'ㅚ', 'ㅝ', 'ㅞ', 'ㅟ', 'ㅢ', 'ㄳ', 'ㄵ', 'ㄶ', 'ㄺ', 'ㄻ', 'ㄼ', 'ㄽ', 'ㄾ', 'ㄿ', 'ㅀ', 'ㅄ'];
    keys constant text[] := ARRAY['hk', 'ho', 'hl', 'nj', 'np', 'nl', 'ml', 'rt', 'sw', 'sg', 'fr', 'fa', 'fq', 'ft', 'fx', 'fv', 'fg', 'qt'];
    typed text := translate(normalize(value, NFD), U&'\1100\1101\1102\1103\1104\1105\1106\1107\1108\1109\110A\110B\110C\110D\110E\110F\1110\1111\1112\1161\1162\1163\1164\1165\1166\1167\1168\1169\116A\116B\116C\116D\116E\116F\1170\1171\1172\1173\1174\1175\11A8\11A9\11AA\11AB\11AC\11AD\11AE\11AF\11B0\11B1\11B2\11B3\11B4\11B5\11B6\11B7\11B8\11B9\11BA\11BB\11BC\11BD\11BE\11BF\11C0\11C1\11C2', 'ㄱㄲㄴㄷㄸㄹㅁㅂㅃㅅㅆㅇㅈㅉㅊㅋㅌㅍㅎㅏㅐㅑㅒㅓㅔㅕㅖㅗㅘㅙㅚㅛㅜㅝㅞㅟㅠㅡㅢㅣㄱㄲㄳㄴㄵㄶㄷㄹㄺㄻㄼㄽㄾㄿㅀㅁㅂㅄㅅㅆㅇㅈㅊㅋㅌㅍㅎ');
BEGIN
    IF typed COLLATE "C" ~ '[ㅘㅙㅚㅝㅞㅟㅢㄳㄵㄶㄺㄻㄼㄽㄾㄿㅀㅄ]' THEN
        FOR at IN 1..array_length(pairs, 1) LOOP
            typed := replace(typed, pairs[at], keys[at]);
        END LOOP;
    END IF;
    RETURN normalize(translate(typed, 'ㄱㄲㄴㄷㄸㄹㅁㅂㅃㅅㅆㅇㅈㅉㅊㅋㅌㅍㅎㅏㅐㅑㅒㅓㅔㅕㅖㅗㅛㅜㅠㅡㅣ', 'rRseEfaqQtTdwWczxvgkoiOjpuPhynbml'), NFC);
END $$;

-- The pieces of a name or a brand.
CREATE FUNCTION search_pieces(value text) RETURNS text[] LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $$
DECLARE
    terms text[] := '{}';
    item text;
    code integer;
    initial text;
    form text;
    forms text[];
    before text := '';
    initials text := '';
    starts_word boolean := true;
    of_word text := '';
BEGIN
    FOREACH item IN ARRAY string_to_array(search_normal(value), NULL) LOOP
        IF item = ' ' THEN
            starts_word := true;
            CONTINUE;
        END IF;
        code := ascii(item) - 44032;
        IF code BETWEEN 0 AND 11171 THEN
            initial := substr('ㄱㄲㄴㄷㄸㄹㅁㅂㅃㅅㅆㅇㅈㅉㅊㅋㅌㅍㅎ', code / 588 + 1, 1);
            forms := ARRAY[item, chr(44032 + code - code % 28), initial];
            initials := right(initials || initial, 3);
        ELSE
            initial := item;
            forms := ARRAY[item];
            initials := '';
        END IF;
        of_word := CASE WHEN starts_word THEN initial ELSE of_word || initial END;
        FOREACH form IN ARRAY forms LOOP
            IF before <> '' THEN terms := terms || (before || form); END IF;
            IF starts_word AND form <> item THEN terms := terms || ('^' || form); END IF;
        END LOOP;
        terms := terms || item;
        IF length(initials) = 3 THEN terms := terms || initials; END IF;
        IF length(of_word) = 2 AND length(initials) >= 2 THEN terms := terms || ('^' || of_word); END IF;
        before := item;
        starts_word := false;
    END LOOP;
    RETURN terms;
END $$;

-- The terms of a product, each once.
CREATE FUNCTION search_terms(name text, brand text, description text, category uuid, options text[])
RETURNS text[] LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT array_agg(DISTINCT term) FROM (
        SELECT '@' || category
        UNION ALL
        SELECT unnest(search_pieces(name) || search_pieces(brand))
        UNION ALL
        SELECT '=' || word FROM regexp_split_to_table(search_normal(name), ' ') word
        UNION ALL
        SELECT '.' || left(word, size)
        FROM unnest(options || description) text_,
             regexp_split_to_table(search_normal(text_), ' ') word,
             generate_series(2, least(4, length(word))) size
    ) terms (term)
$$;

-- Products that sold about as well share a tier: the letter before each of their terms. The best sellers come first
-- without a look at the others, however many match.
CREATE FUNCTION search_tier(popularity integer) RETURNS text LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
    SELECT chr(65 + width_bucket(popularity, ARRAY[
        1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024, 2048, 4096, 8192, 16384, 32768, 65536, 131072, 262144
    ]))
$$;

-- Makes the documents of some products anew; a product that is not listed has none.
CREATE FUNCTION search_refresh(ids uuid[]) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    -- Locked first and in one order: what is read after it is what the last change left.
    PERFORM FROM search_documents WHERE product_id = ANY (ids) ORDER BY product_id FOR UPDATE;
    DELETE FROM search_documents document USING products product
    WHERE document.product_id = ANY (ids) AND product.id = document.product_id
      AND product.status NOT IN ('ACTIVE', 'OUT_OF_STOCK');
    INSERT INTO search_documents
        (product_id, terms, name, brand, category_id, options, price, rating, in_stock, popularity, created_at)
    SELECT product.id,
           array_to_tsvector(ARRAY(
               SELECT search_tier(product.sales_count) || term
               FROM unnest(search_terms(
                   product.name, product.brand, product.description, product.category_id, option.texts
               )) term
           )),
           product.name, product.brand, product.category_id, option.by_name, product.price, product.rating,
           product.status = 'ACTIVE' AND search_in_stock(product.id), product.sales_count, product.created_at
    FROM products product
    CROSS JOIN LATERAL (
        SELECT coalesce(jsonb_object_agg(name, to_jsonb("values")), '{}') AS by_name,
               coalesce((SELECT array_agg(text_) FROM product_options, unnest("values") text_
                         WHERE product_id = product.id), '{}') AS texts
        FROM product_options WHERE product_id = product.id
    ) option
    WHERE product.id = ANY (ids) AND product.status IN ('ACTIVE', 'OUT_OF_STOCK')
    ORDER BY product.id
    ON CONFLICT (product_id) DO UPDATE SET
        terms = excluded.terms, name = excluded.name, brand = excluded.brand, category_id = excluded.category_id,
        options = excluded.options, price = excluded.price, rating = excluded.rating,
        in_stock = excluded.in_stock, popularity = excluded.popularity, created_at = excluded.created_at;
    PERFORM search_learn(ARRAY(
        SELECT name FROM products WHERE id = ANY (ids) UNION SELECT brand FROM products WHERE id = ANY (ids)
    ));
    INSERT INTO search_brands (name, terms)
    SELECT DISTINCT brand, array_to_tsvector(search_pieces(brand)) FROM products product
    WHERE id = ANY (ids) AND NOT EXISTS (SELECT FROM search_brands known WHERE known.name = product.brand)
    ORDER BY brand
    ON CONFLICT DO NOTHING;
END $$;

CREATE FUNCTION search_in_stock(product uuid) RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT EXISTS (SELECT FROM skus WHERE product_id = product AND deleted_at IS NULL AND on_hand > held)
$$;

-- Adds the words of some texts to the vocabulary. What is known is not touched, so no writer waits for another.
CREATE FUNCTION search_learn(texts text[]) RETURNS void LANGUAGE sql AS $$
    INSERT INTO search_words (word, keys)
    SELECT fresh.word, search_keys(fresh.word)
    FROM (
        SELECT DISTINCT regexp_split_to_table(search_normal(text_), ' ') AS word FROM unnest(texts) text_
    ) fresh
    WHERE length(fresh.word) BETWEEN 2 AND 30
      AND NOT EXISTS (SELECT FROM search_words known WHERE known.word = fresh.word)
    ORDER BY fresh.word
    ON CONFLICT DO NOTHING
$$;

CREATE FUNCTION search_restock(ids uuid[]) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    PERFORM FROM search_documents WHERE product_id = ANY (ids) ORDER BY product_id FOR UPDATE;
    UPDATE search_documents document
    SET in_stock = product.status = 'ACTIVE' AND search_in_stock(product.id)
    FROM products product
    WHERE document.product_id = ANY (ids) AND product.id = document.product_id
      AND document.in_stock <> (product.status = 'ACTIVE' AND search_in_stock(product.id));
END $$;

CREATE FUNCTION search_on_insert() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM search_refresh(ARRAY(SELECT id FROM new_rows));
    RETURN NULL;
END $$;

CREATE FUNCTION search_on_update() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM search_refresh(ids) FROM (
        SELECT ARRAY(
            SELECT id FROM new_rows JOIN old_rows USING (id)
            WHERE (new_rows.name, new_rows.brand, new_rows.description, new_rows.category_id, new_rows.status,
                   search_tier(new_rows.sales_count))
               IS DISTINCT FROM
                  (old_rows.name, old_rows.brand, old_rows.description, old_rows.category_id, old_rows.status,
                   search_tier(old_rows.sales_count))
        )
    ) changed (ids) WHERE ids <> '{}';
    -- Figures alone: no index has to know.
    UPDATE search_documents document
    SET price = new_rows.price, rating = new_rows.rating, popularity = new_rows.sales_count,
        created_at = new_rows.created_at
    FROM new_rows WHERE document.product_id = new_rows.id
      AND (document.price, document.rating, document.popularity, document.created_at)
          IS DISTINCT FROM (new_rows.price, new_rows.rating, new_rows.sales_count, new_rows.created_at);
    RETURN NULL;
END $$;

CREATE FUNCTION search_on_options() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM search_refresh(ARRAY(SELECT DISTINCT product_id FROM changed_rows));
    RETURN NULL;
END $$;

CREATE FUNCTION search_on_skus() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM search_restock(ARRAY(SELECT DISTINCT product_id FROM changed_rows));
    RETURN NULL;
END $$;

-- Stock that only becomes more or less is no business of search: it is asked of every sale, so it asks for nothing.
CREATE FUNCTION search_on_stock() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM search_restock(ids) FROM (
        SELECT ARRAY(
            SELECT DISTINCT new_rows.product_id FROM new_rows JOIN old_rows USING (id)
            WHERE (new_rows.deleted_at IS NULL AND new_rows.on_hand > new_rows.held)
               <> (old_rows.deleted_at IS NULL AND old_rows.on_hand > old_rows.held)
        )
    ) changed (ids) WHERE ids <> '{}';
    RETURN NULL;
END $$;

CREATE FUNCTION search_on_categories() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM search_learn(ARRAY(SELECT name FROM new_rows));
    RETURN NULL;
END $$;

CREATE TRIGGER search_insert AFTER INSERT ON products
    REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION search_on_insert();
CREATE TRIGGER search_update AFTER UPDATE ON products
    REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION search_on_update();
CREATE TRIGGER search_insert AFTER INSERT ON product_options
    REFERENCING NEW TABLE AS changed_rows FOR EACH STATEMENT EXECUTE FUNCTION search_on_options();
CREATE TRIGGER search_update AFTER UPDATE ON product_options
    REFERENCING NEW TABLE AS changed_rows FOR EACH STATEMENT EXECUTE FUNCTION search_on_options();
CREATE TRIGGER search_delete AFTER DELETE ON product_options
    REFERENCING OLD TABLE AS changed_rows FOR EACH STATEMENT EXECUTE FUNCTION search_on_options();
CREATE TRIGGER search_insert AFTER INSERT ON skus
    REFERENCING NEW TABLE AS changed_rows FOR EACH STATEMENT EXECUTE FUNCTION search_on_skus();
CREATE TRIGGER search_update AFTER UPDATE ON skus
    REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION search_on_stock();
CREATE TRIGGER search_delete AFTER DELETE ON skus
    REFERENCING OLD TABLE AS changed_rows FOR EACH STATEMENT EXECUTE FUNCTION search_on_skus();
CREATE TRIGGER search_insert AFTER INSERT ON categories
    REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION search_on_categories();
CREATE TRIGGER search_update AFTER UPDATE ON categories
    REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION search_on_categories();

-- The best selling products that match, at most so many, and what the filters let through. `query` and `words` are
-- tsqueries with a ~ before each term; `words` says which words of the query options or description have.
CREATE FUNCTION search_candidates(
    query text, words text[], at_most integer, in_categories uuid[], min_price integer, max_price integer,
    min_rating numeric, only_in_stock boolean, wanted jsonb
) RETURNS TABLE (
    product_id uuid, name text, brand text, category_id uuid, options jsonb, price integer, rating numeric,
    in_stock boolean, popularity integer, created_at timestamptz, in_text boolean[]
) LANGUAGE plpgsql STABLE SET plan_cache_mode = force_generic_plan AS $$
#variable_conflict use_column
DECLARE
    tier text;
    query_here tsquery;
    words_here tsquery[];
    room integer := at_most;
    found_here integer;
BEGIN
    FOR bucket IN REVERSE 19..0 LOOP
        tier := chr(65 + bucket);
        query_here := replace(query, '~', tier)::tsquery;
        words_here := replace(words::text, '~', tier)::tsquery[];
        RETURN QUERY
            SELECT document.product_id, document.name, document.brand, document.category_id, document.options,
                   document.price, document.rating, document.in_stock, document.popularity, document.created_at,
                   ARRAY(SELECT document.terms @@ word FROM unnest(words_here) word)
            FROM search_documents document
            WHERE document.terms @@ query_here
              AND (in_categories IS NULL OR document.category_id = ANY (in_categories))
              AND (min_price IS NULL OR document.price >= min_price)
              AND (max_price IS NULL OR document.price <= max_price)
              AND (min_rating IS NULL OR document.rating >= min_rating)
              AND (NOT only_in_stock OR document.in_stock)
              AND (wanted IS NULL OR search_has_options(document.options, wanted))
            ORDER BY document.popularity DESC, document.product_id
            LIMIT room;
        GET DIAGNOSTICS found_here = ROW_COUNT;
        room := room - found_here;
        EXIT WHEN room <= 0;
    END LOOP;
END $$;

-- Whether a product has, of each option that is asked for, one of the values.
CREATE FUNCTION search_has_options(options jsonb, wanted jsonb) RETURNS boolean LANGUAGE sql IMMUTABLE AS $$
    SELECT coalesce(bool_and(coalesce(options -> key, '[]') ?| ARRAY(SELECT jsonb_array_elements_text(value))), true)
    FROM jsonb_each(wanted)
$$;

-- Every change writes its terms at once: a list of pending ones would be read by every search.
ALTER INDEX "search_documents_terms_idx" SET (fastupdate = off);
-- Room on each page, so that a change of price or stock rewrites no index.
ALTER TABLE "search_documents" SET (fillfactor = 85);

SELECT search_refresh(ARRAY(SELECT id FROM products));
SELECT search_learn(ARRAY(SELECT name FROM categories));
