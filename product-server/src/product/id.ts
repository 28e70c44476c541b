const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** Whether a name of a product is its id; no slug has that form. */
export const isId = (idOrSlug: string): boolean => UUID.test(idOrSlug);
