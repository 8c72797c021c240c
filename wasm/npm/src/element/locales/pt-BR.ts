import type { Texts } from "../texts.js";

const texts: Texts = {
  loading: [
    "Um momento",
    "O link está sendo verificado.",
  ],
  ready: [
    "Confirme seu endereço de e-mail",
    "Aperte o botão para usar este endereço na sua conta. Nada muda antes disso.",
    "Confirmar endereço",
  ],
  "ready-to-undo": [
    "Desfazer a troca de endereço?",
    "Aperte o botão para que sua conta volte a ter este endereço. Nada muda antes disso.",
    "Desfazer a troca",
  ],
  working: [
    "Um momento",
    "Sua resposta está a caminho.",
  ],
  verified: [
    "Endereço confirmado",
    "Sua conta agora usa este endereço. Você pode fechar esta página.",
  ],
  "already-verified": [
    "Já confirmado",
    "Este endereço já tinha sido confirmado. Não há mais nada a fazer, e você pode fechar esta página.",
  ],
  undone: [
    "Troca desfeita",
    "A troca de endereço foi desfeita. Se não foi você que a pediu, mude sua senha agora.",
  ],
  expired: [
    "Este link é antigo demais",
    "Os links valem só por um tempo. Entre na sua conta e peça um novo.",
  ],
  altered: [
    "Este link não está como foi enviado",
    "Abra-o de novo a partir do e-mail ou copie-o inteiro. Se não adiantar, peça um novo.",
  ],
  incomplete: [
    "Falta uma parte do link",
    "Abra-o de novo a partir do e-mail ou copie-o inteiro para a barra de endereço.",
  ],
  superseded: [
    "Há um link mais novo",
    "Abra o e-mail mais recente, ou entre na sua conta e peça um novo link.",
  ],
  used: [
    "Este link já foi usado",
    "Ele só funciona uma vez. Para trocar o endereço de novo, entre na sua conta e peça um novo link.",
  ],
  cancelled: [
    "Esta troca foi cancelada",
    "O dono da conta a cancelou. Se não foi você, entre na sua conta e peça um novo link.",
  ],
  taken: [
    "Este endereço já está em uso",
    "Outra conta o usa. Entre nessa conta ou use outro endereço.",
  ],
  refused: [
    "Não funcionou",
    "O site não aceita este link. Peça um novo ou fale com o site.",
  ],
  offline: [
    "O site não responde",
    "Verifique sua conexão e tente de novo. Tentar duas vezes não faz mal.",
    "Tentar de novo",
  ],
  unsupported: [
    "Esta página não consegue verificar o link",
    "Abra o link em outro navegador ou fale com o site.",
  ],
  wait: "Espere antes {seconds} segundos.",
};

export default texts;
