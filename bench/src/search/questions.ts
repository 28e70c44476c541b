/** What is asked of both catalogues: paths of the product server, by what they measure. */

/** What shoppers type: common and rare, one word and several, and all that has to be found although it is not there. */
const QUERIES = [
  ...['무선', '노트북', '이어폰', '블랙', '프리미엄', '방수', '커튼', '감귤', '케이스', '수분크림'],
  ...[
    '무선 이어폰',
    '게이밍 노트북',
    '기계식 키보드',
    '접이식 캠핑의자',
    '유기농 제주 감귤',
    '가죽커버 다이어리',
  ],
  ...['무선이어폰', '노트 북', '이어폰 블루투스 방수', '국산 수제 김치 선물세트'],
  ...['ㄴㅌㅂ', 'ㅁㅅㅇㅇㅍ', 'ㅋㅍ', 'ㅅㅂㅋㄹ', '노트ㅂ', '노틉', '이어포', '캠핑의'],
  ...['노트븍', '이어펀', '다이어라', 'shxmqnr', 'antjs dldjvhs', 'ㅁㅔㅔㅣㄷ', '존재하지않는상품'],
  ...[
    '소리결',
    '바람상점 이어폰',
    '오름스포츠',
    '디지털',
    '스포츠 방수',
    '컵',
    '노',
    'ssd 1tb',
    '4K 모니터',
    '15인치',
  ],
];

const FILTERS = [
  { category: 'digital' },
  { minPrice: '10000', maxPrice: '30000' },
  { minRating: '4.5', inStock: 'true' },
  { category: 'living', sort: 'price-asc' },
  { option: '색상:블랙', sort: 'new' },
];

/** Words while they are typed. */
const STROKES: string[] = [
  ...['ㄴ', '노', '놑', '노트', '노틉', '노트부', '노트북', '노트북 ㅍ', '노트북 파우치'],
  ...['ㅁ', '무', '뭇', '무서', '무선', '무선 ㅇ', '무선 이', '무선 잉', '무선 이어', '무선 이어폰'],
  ...[
    'ㄱ',
    '가',
    '감',
    '감ㄱ',
    '감규',
    '감귤',
    'ㅅㄹㄱ',
    '소리결',
    'a',
    'ap',
    's',
    'ss',
    'ssd',
    'shxm',
    '이어펀',
  ],
];

const search = (parameters: Record<string, string>) => `/api/v1/search?${new URLSearchParams(parameters)}`;

export const QUESTIONS: Readonly<Record<string, readonly string[]>> = {
  search: QUERIES.map((q) => search({ q })),
  'search, filtered': QUERIES.slice(0, 12).flatMap((q) => FILTERS.map((filter) => search({ q, ...filter }))),
  suggestions: STROKES.map((q) => `/api/v1/search/suggestions?${new URLSearchParams({ q })}`),
  'product list': [
    ...['popular', 'newest', 'discount', 'price-asc', 'price-desc'].flatMap((sort) => [
      `/api/v1/products?sort=${sort}`,
      `/api/v1/products?sort=${sort}&category=living`,
      `/api/v1/products?sort=${sort}&discounted=true&page=3`,
    ]),
  ],
};

/** A query with many pages, for the deepest of them. */
export const DEEP = (cursor?: string) =>
  search({ q: '블랙', sort: 'popular', ...(cursor !== undefined && { cursor }) });
