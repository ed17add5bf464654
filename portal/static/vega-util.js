/* What vega-interpreter imports from vega-util: the page has loaded it already, inside Vega. */
export const { ascending, isString, DisallowedObjectProperties } = vega;
