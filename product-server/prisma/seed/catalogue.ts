/** The catalogue that a new shop starts with. Prices in KRW, stock in units. */

export interface SeedCategory {
  slug: string;
  name: string;
  description: string;
}

export const categories: SeedCategory[] = [
  { slug: 'fashion', name: '패션', description: '오래 두고 입는 옷과 매일 드는 가방' },
  { slug: 'beauty', name: '뷰티', description: '피부가 편안한 스킨케어' },
  { slug: 'food', name: '식품', description: '산지에서 바로 오는 제철 먹거리' },
  { slug: 'living', name: '리빙', description: '집에 머무는 시간을 좋게 하는 것들' },
  { slug: 'digital', name: '디지털', description: '일과 휴식에 쓰는 기기' },
  { slug: 'sports', name: '스포츠', description: '몸을 움직이는 날의 장비' },
  { slug: 'stationery', name: '문구·도서', description: '손으로 쓰고 넘기는 즐거움' },
  { slug: 'pets', name: '반려동물', description: '함께 사는 가족을 위한 물건' },
];

export interface SeedProduct {
  slug: string;
  category: string;
  brand: string;
  name: string;
  alt: string;
  description: string;
  price: number;
  listPrice: number;
  /** About what its reviews come to. */
  rating: number;
  salesCount: number;
  /** Days before the seed that the product was first sold. */
  age: number;
  options: { name: string; values: string[] }[];
  /** Units of each SKU, in the order of the options' combinations (the last option turns fastest). */
  stock: number[];
}

export const products: SeedProduct[] = [
  {
    slug: 'noise-cancelling-earbuds',
    category: 'digital',
    brand: '소리결',
    name: '저소음 무선 이어폰',
    alt: '뚜껑이 열린 충전 케이스와 무선 이어폰 한 쌍',
    description:
      '지하철의 소음은 낮추고 목소리는 또렷하게. 한 번 충전으로 8시간, 케이스까지 32시간 들을 수 있고 빗방울에도 걱정 없는 IPX4 방수입니다.',
    price: 129_000,
    listPrice: 169_000,
    rating: 4.7,
    salesCount: 5_210,
    age: 210,
    options: [{ name: '색상', values: ['화이트·네이비', '차콜'] }],
    stock: [120, 84],
  },
  {
    slug: 'mechanical-keyboard',
    category: 'digital',
    brand: '타닥',
    name: '75% 기계식 키보드',
    alt: '코일 케이블을 꽂은 75% 배열 기계식 키보드',
    description:
      '알루미늄 하우징에 흡음재를 두 겹 넣어 조용하고 단단하게 눌립니다. 스위치는 납땜 없이 바꿀 수 있고 코일 케이블이 함께 옵니다.',
    price: 159_000,
    listPrice: 159_000,
    rating: 4.8,
    salesCount: 1_980,
    age: 12,
    options: [{ name: '스위치', values: ['저소음 적축', '갈축'] }],
    stock: [46, 31],
  },
  {
    slug: 'lambswool-knit',
    category: 'fashion',
    brand: '느린옷장',
    name: '램스울 오버핏 니트',
    alt: '옷걸이에 걸린 꽈배기 무늬 램스울 니트',
    description:
      '호주산 램스울 100%를 도톰하게 짰습니다. 어깨선을 낮춰 품이 넉넉하고, 한 번 더 워싱해 집에서 손세탁해도 줄지 않습니다.',
    price: 69_000,
    listPrice: 98_000,
    rating: 4.6,
    salesCount: 3_440,
    age: 45,
    options: [
      { name: '색상', values: ['오트밀', '세이지'] },
      { name: '사이즈', values: ['M', 'L'] },
    ],
    stock: [38, 22, 41, 17],
  },
  {
    slug: 'canvas-tote',
    category: 'fashion',
    brand: '매일상점',
    name: '데일리 캔버스 토트백',
    alt: '가죽 손잡이가 달린 캔버스 토트백',
    description:
      '16온스 두꺼운 캔버스로 모양이 흐트러지지 않습니다. 14인치 노트북이 들어가는 안주머니와 물병 자리를 넣었습니다.',
    price: 39_000,
    listPrice: 39_000,
    rating: 4.4,
    salesCount: 870,
    age: 8,
    options: [{ name: '색상', values: ['아이보리', '올리브'] }],
    stock: [64, 52],
  },
  {
    slug: 'cica-moisture-cream',
    category: 'beauty',
    brand: '온결',
    name: '시카 수분 크림',
    alt: '병풀 잎 곁에 놓인 수분 크림 단지',
    description:
      '병풀 추출물과 판테놀이 민감해진 피부를 달랩니다. 향료와 색소를 넣지 않았고 하루 종일 당김이 없습니다.',
    price: 22_400,
    listPrice: 28_000,
    rating: 4.8,
    salesCount: 12_800,
    age: 320,
    options: [{ name: '용량', values: ['50ml', '100ml'] }],
    stock: [210, 140],
  },
  {
    slug: 'single-origin-coffee',
    category: 'food',
    brand: '볕든로스터리',
    name: '싱글 오리진 원두',
    alt: '커피 원두 봉투와 흩어진 원두',
    description:
      '에티오피아 예가체프 워시드. 주문한 다음 날 볶아 보냅니다. 자스민 향과 복숭아의 단맛이 길게 남습니다.',
    price: 18_900,
    listPrice: 18_900,
    rating: 4.9,
    salesCount: 6_730,
    age: 150,
    options: [
      { name: '무게', values: ['200g', '500g'] },
      { name: '분쇄', values: ['홀빈', '핸드드립'] },
    ],
    stock: [80, 75, 40, 36],
  },
  {
    slug: 'jeju-tangerine',
    category: 'food',
    brand: '서귀포농장',
    name: '제주 노지 감귤 3kg',
    alt: '바구니에 담긴 제주 감귤',
    description:
      '서귀포 남쪽 밭에서 햇볕으로 익혀 딴 그대로 보냅니다. 왁스 코팅 없이, 12브릭스 이상만 골라 담았습니다.',
    price: 19_900,
    listPrice: 26_900,
    rating: 4.7,
    salesCount: 9_120,
    age: 20,
    options: [{ name: '크기', values: ['소과', '중과'] }],
    stock: [150, 130],
  },
  {
    slug: 'stoneware-mug-set',
    category: 'living',
    brand: '흙과손',
    name: '스톤웨어 머그 2개 세트',
    alt: '유약이 흐르는 스톤웨어 머그 두 개',
    description:
      '1,250도에서 구운 석기질 머그입니다. 손으로 유약을 입혀 하나하나 무늬가 다르고 식기세척기에 넣어도 됩니다.',
    price: 32_000,
    listPrice: 40_000,
    rating: 4.6,
    salesCount: 1_530,
    age: 95,
    options: [{ name: '색상', values: ['모래', '테라코타'] }],
    stock: [33, 29],
  },
  {
    slug: 'mood-table-lamp',
    category: 'living',
    brand: '밤결',
    name: '무드 테이블 램프',
    alt: '둥근 갓에서 따뜻한 빛이 나는 테이블 램프',
    description:
      '스치듯 만지면 켜지고 오래 누르면 밝기가 바뀝니다. 2,200K의 노을빛부터 책 읽기 좋은 3,000K까지, 갓은 입으로 분 유리입니다.',
    price: 54_000,
    listPrice: 54_000,
    rating: 4.5,
    salesCount: 940,
    age: 5,
    options: [{ name: '색상', values: ['테라코타', '크림'] }],
    stock: [42, 38],
  },
  {
    slug: 'trail-running-shoes',
    category: 'sports',
    brand: '오름',
    name: '트레일 러닝화',
    alt: '옆에서 본 트레일 러닝화 한 짝',
    description:
      '젖은 바위에서도 잡아 주는 4mm 러그와 발을 감싸는 니트 갑피. 270mm 기준 268g으로 긴 오르막에도 가볍습니다.',
    price: 95_200,
    listPrice: 119_000,
    rating: 4.5,
    salesCount: 2_210,
    age: 60,
    options: [{ name: '사이즈', values: ['240', '250', '260', '270'] }],
    stock: [18, 24, 31, 20],
  },
  {
    slug: 'leather-notebook',
    category: 'stationery',
    brand: '종이둥지',
    name: '가죽 커버 노트',
    alt: '가죽 커버 노트와 곁에 놓인 만년필',
    description:
      '쓸수록 색이 깊어지는 베지터블 가죽 커버에 만년필이 비치지 않는 80g 속지 200장을 엮었습니다. 속지는 갈아 끼울 수 있습니다.',
    price: 26_000,
    listPrice: 26_000,
    rating: 4.7,
    salesCount: 1_120,
    age: 130,
    options: [{ name: '속지', values: ['무지', '줄', '방안'] }],
    stock: [55, 61, 40],
  },
  {
    slug: 'dog-donut-bed',
    category: 'pets',
    brand: '멍하니',
    name: '반려견 도넛 방석',
    alt: '도넛 방석에서 잠든 강아지',
    description:
      '가장자리가 높아 턱을 괴고 자기 좋습니다. 커버를 통째로 벗겨 세탁할 수 있고 바닥은 미끄러지지 않습니다.',
    price: 33_700,
    listPrice: 45_000,
    rating: 4.8,
    salesCount: 4_060,
    age: 180,
    options: [{ name: '크기', values: ['S', 'M', 'L'] }],
    stock: [44, 37, 0],
  },
];

export interface SeedBanner {
  slug: string;
  title: string;
  subtitle: string;
  label: string;
  href: string;
  alt: string;
  background: string;
  foreground: string;
}

export const banners: SeedBanner[] = [
  {
    slug: 'autumn-home',
    title: '집으로 돌아오는 계절',
    subtitle: '가을 살림 기획전 · 머그와 조명 최대 20%',
    label: '기획전 보기',
    href: '/categories/living',
    alt: '',
    background: '#ecd8c8',
    foreground: '#3b2117',
  },
  {
    slug: 'digital-week',
    title: '책상 위를 새로 고침',
    subtitle: '디지털 위크 · 이어폰과 키보드를 한자리에',
    label: '디지털 보기',
    href: '/categories/digital',
    alt: '',
    background: '#d3dce5',
    foreground: '#16223a',
  },
  {
    slug: 'jeju-harvest',
    title: '제주에서 갓 딴 감귤',
    subtitle: '주문한 다음 날 수확해 보냅니다',
    label: '감귤 보기',
    href: '/products/jeju-tangerine',
    alt: '',
    background: '#f9edd8',
    foreground: '#3a2410',
  },
];
